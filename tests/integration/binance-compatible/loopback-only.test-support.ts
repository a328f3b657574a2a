import { Socket } from 'node:net';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\]|::ffff:127(\.\d{1,3}){3})$/;

export interface LoopbackGuard {
  /** Where something of this process wanted to connect that is not this machine. */
  readonly refused: readonly string[];
  restore(): void;
}

/** The host that `Socket.connect` was asked for in any of its forms; Node's own callers hand over their arguments as one array. */
function hostOf(parameters: readonly unknown[]): string {
  const [first, second] = Array.isArray(parameters[0]) ? (parameters[0] as readonly unknown[]) : parameters;
  if (typeof first === 'object' && first !== null) {
    const { host, path }: { readonly host?: unknown; readonly path?: unknown } = first;
    if (typeof path === 'string') return 'localhost';
    return typeof host === 'string' ? host : 'localhost';
  }
  return typeof second === 'string' ? second : 'localhost';
}

/**
 * Until `restore`, no connection of this process leaves the machine: one that would is destroyed before its name is looked up, and
 * remembered. A client with one address left unset would talk to the real exchange; whoever uses this asserts that nothing was refused.
 */
export function guardLoopback(): LoopbackGuard {
  const refused: string[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- called below with the socket it is asked on
  const original = Socket.prototype.connect;
  function connect(this: Socket, ...parameters: readonly unknown[]): Socket {
    const host = hostOf(parameters);
    if (LOOPBACK.test(host)) return Reflect.apply(original, this, parameters) as Socket;
    refused.push(host);
    // Not at once: whoever opens a connection goes on with its socket first (TLS names its server).
    process.nextTick(() => this.destroy(new Error(`${host} is not this machine: no test may reach it`)));
    return this;
  }
  Socket.prototype.connect = connect;
  return {
    refused,
    restore() {
      Socket.prototype.connect = original;
    },
  };
}
