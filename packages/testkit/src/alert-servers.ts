import { createServer as createHttp, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTls, TLSSocket } from 'node:tls';
import { TEST_CERTIFICATE, TEST_KEY } from './certificates.ts';
import type { OtherSide } from './notifier-conformance.ts';

/** A server on this machine that takes messages, or meets them otherwise. */
export interface AlertServer {
  readonly port: number;
  behave(how: OtherSide): void;
  stop(): Promise<void>;
}

async function listening(server: Server): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

/** A port of this machine where nobody listens. */
export async function portOfNobody(): Promise<number> {
  const server = await listening(createTcp());
  await server.stop();
  return server.port;
}

export interface TakenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpAlertServer extends AlertServer {
  /** Requests that were answered with success. */
  readonly taken: readonly TakenRequest[];
}

/** `answer` gives status, headers and body for what is neither silence, death nor garbage; those look the same in all of HTTP. */
export async function startHttpAlertServer(
  answer: (how: OtherSide) => {
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly body: string;
  },
): Promise<HttpAlertServer> {
  const taken: TakenRequest[] = [];
  let how: OtherSide = 'takes';
  const reply = (response: ServerResponse, request: TakenRequest): void => {
    if (how === 'silent') return;
    if (how === 'dies') return void response.socket?.destroy();
    if (how === 'garbage') return void response.socket?.end('this is no answer of HTTP\r\n\r\n');
    if (how === 'takes') taken.push(request);
    const { status, headers = {}, body } = answer(how);
    response.writeHead(status, headers).end(body);
  };
  const server = createHttp((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      reply(response, { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') });
    });
  });
  return { ...(await listening(server)), taken, behave: (next) => void (how = next) };
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came, dots undone. */
  readonly source: string;
}

export interface SmtpAlertServer extends AlertServer {
  readonly taken: readonly Mail[];
  /** `user:password` of every login that was tried. */
  readonly logins: readonly string[];
}

const CRLF = '\r\n';

/** One conversation by SMTP (RFC 5321), with AUTH PLAIN (RFC 4616) and as far as a client needs it. */
class SmtpConversation {
  #socket: Socket;
  readonly #offersTls: boolean;
  readonly #how: () => OtherSide;
  readonly #takes: (mail: Mail) => void;
  readonly #logs: (login: string) => void;
  #waiting = '';
  #inData = false;
  #from = '';
  #to: string[] = [];

  constructor(
    socket: Socket,
    offersTls: boolean,
    how: () => OtherSide,
    takes: (mail: Mail) => void,
    logs: (login: string) => void,
  ) {
    this.#socket = socket;
    this.#offersTls = offersTls;
    this.#how = how;
    this.#takes = takes;
    this.#logs = logs;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#read(chunk));
    if (how() === 'garbage') this.#say('HTTP/1.1 200 OK');
    else if (how() !== 'silent') this.#say('220 mail.test ESMTP');
  }

  #say(line: string): void {
    this.#socket.write(line + CRLF);
  }

  #read(chunk: string): void {
    this.#waiting += chunk;
    for (;;) {
      const end = this.#inData ? `${CRLF}.${CRLF}` : CRLF;
      const at = this.#waiting.indexOf(end);
      if (this.#inData && this.#how() === 'dies' && this.#waiting.length > 0) return void this.#socket.destroy();
      if (at < 0) return;
      const text = this.#waiting.slice(0, at);
      this.#waiting = this.#waiting.slice(at + end.length);
      if (this.#inData) this.#endOfData(text);
      else this.#command(text);
    }
  }

  #endOfData(text: string): void {
    this.#inData = false;
    const source = text.split(CRLF).map((line) => (line.startsWith('..') ? line.slice(1) : line));
    this.#takes({ from: this.#from, to: this.#to, source: source.join(CRLF) });
    this.#say('250 2.0.0 taken');
  }

  #encrypt(): void {
    this.#socket.removeAllListeners('data');
    const encrypted = new TLSSocket(this.#socket, { isServer: true, cert: TEST_CERTIFICATE, key: TEST_KEY });
    encrypted.on('error', () => undefined);
    encrypted.setEncoding('utf8');
    encrypted.on('data', (chunk: string) => this.#read(chunk));
    this.#socket = encrypted;
    this.#waiting = '';
  }

  #command(line: string): void {
    const how = this.#how();
    const [verb = ''] = line.toUpperCase().split(/[ :]/, 1);
    if (how === 'silent') return;
    switch (verb) {
      case 'EHLO':
        this.#say('250-mail.test');
        if (this.#offersTls && !(this.#socket instanceof TLSSocket)) this.#say('250-STARTTLS');
        this.#say('250 AUTH PLAIN');
        return;
      case 'STARTTLS':
        this.#say(this.#offersTls ? '220 2.0.0 go on' : '502 5.5.1 unknown');
        if (this.#offersTls) this.#encrypt();
        return;
      case 'AUTH': {
        const [, user = '', password = ''] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
          .toString('utf8')
          .split('\0');
        this.#logs(`${user}:${password}`);
        // Some servers send back what they did not like.
        this.#say(
          how === 'unauthorized' ? `535 5.7.8 not you: ${line.split(' ')[2] ?? ''} ${password}` : '235 2.7.0 welcome',
        );
        return;
      }
      case 'MAIL':
        this.#from = /<([^>]*)>/.exec(line)?.[1] ?? '';
        this.#to = [];
        this.#say(how === 'busy' ? '451 4.3.2 not now' : '250 2.1.0 fine');
        return;
      case 'RCPT':
        this.#to.push(/<([^>]*)>/.exec(line)?.[1] ?? '');
        if (how === 'refuses') this.#say('550 5.7.1 not here');
        else this.#say(how === 'limited' ? '450 4.7.1 too many messages' : '250 2.1.5 fine');
        return;
      case 'DATA':
        this.#inData = true;
        this.#say('354 go on');
        return;
      case 'QUIT':
        this.#say('221 2.0.0 bye');
        this.#socket.end();
        return;
      default:
        this.#say('502 5.5.1 unknown');
    }
  }
}

/** A mail server; encrypted ones have the certificate of the tests' authority. */
export async function startSmtpAlertServer(security: 'none' | 'starttls' | 'tls' = 'none'): Promise<SmtpAlertServer> {
  const taken: Mail[] = [];
  const logins: string[] = [];
  let how: OtherSide = 'takes';
  const converse = (socket: Socket): void => {
    socket.on('error', () => undefined);
    void new SmtpConversation(
      socket,
      security === 'starttls',
      () => how,
      (mail) => taken.push(mail),
      (login) => logins.push(login),
    );
  };
  const server =
    security === 'tls' ? createTls({ cert: TEST_CERTIFICATE, key: TEST_KEY }, converse) : createTcp(converse);
  return { ...(await listening(server)), taken, logins, behave: (next) => void (how = next) };
}
