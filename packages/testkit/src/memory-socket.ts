import type { MemoryLine } from './memory-line.ts';

const CLOSE_ABNORMAL = 1006;
const CLOSE_TOO_LARGE = 1009;

const bytesOf = (text: string): number => Buffer.byteLength(text);

/** What one side of a WebSocket is told. */
export interface SocketEndHandlers {
  onOpen(): void;
  onText(text: string): void;
  onPing(): void;
  onPong(payload: string): void;
  onClose(code: number, reason: string): void;
}

/** One side of a WebSocket in memory. It answers pings and closes by itself, as every WebSocket does. */
export class SocketEnd {
  readonly #line: MemoryLine;
  readonly #messageBytesMax: number;
  readonly #handlers: SocketEndHandlers;
  #peer: SocketEnd | null = null;
  #state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';

  /** `line` leads away from here. */
  constructor(line: MemoryLine, messageBytesMax: number, handlers: SocketEndHandlers) {
    this.#line = line;
    this.#messageBytesMax = messageBytesMax;
    this.#handlers = handlers;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get bufferedBytes(): number {
    return this.#line.bufferedBytes;
  }

  /** The server has accepted: its side is open now, the client's when the answer has come. */
  accept(client: SocketEnd): void {
    this.#peer = client;
    client.#peer = this;
    this.#state = 'open';
    this.#line.carry(0, () => {
      if (client.#state !== 'connecting') return;
      client.#state = 'open';
      client.#handlers.onOpen();
    });
  }

  send(data: string | Uint8Array): void {
    if (!this.isOpen) return;
    const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
    const bytes = typeof data === 'string' ? bytesOf(data) : data.byteLength;
    this.#tell(bytes, (peer) => peer.#hear(text, bytes));
  }

  ping(payload: string): void {
    if (this.isOpen) this.#tell(bytesOf(payload), (peer) => peer.#pinged(payload));
  }

  close(code: number, reason: string): void {
    if (this.#state === 'connecting') {
      this.fail('closed before it was open');
      return;
    }
    if (!this.isOpen) return;
    this.#state = 'closing';
    this.#tell(0, (peer) => peer.#closed(code, reason));
  }

  /** Ends without a handshake; the other side learns of it on its way. Nothing where it has ended already. */
  fail(reason: string): void {
    if (this.#state === 'closed') return;
    const broken = (): void => {
      if (this.#peer !== null) this.#peer.#broken();
    };
    // Whoever leaves before the handshake leaves behind it: the server hears of the upgrade first.
    if (this.#state === 'connecting') this.#line.carry(0, broken);
    else this.#line.cut(broken);
    this.#state = 'closed';
    queueMicrotask(() => this.#handlers.onClose(CLOSE_ABNORMAL, reason));
  }

  #tell(bytes: number, arrive: (peer: SocketEnd) => void): void {
    this.#line.carry(bytes, () => {
      if (this.#peer !== null) arrive(this.#peer);
    });
  }

  #hear(text: string, bytes: number): void {
    if (this.#state === 'closed') return;
    if (bytes <= this.#messageBytesMax) {
      this.#handlers.onText(text);
      return;
    }
    this.#state = 'closed';
    const reason = `a message of ${bytes} bytes, ${this.#messageBytesMax} are allowed`;
    this.#tell(0, (peer) => peer.#closed(CLOSE_TOO_LARGE, ''));
    this.#handlers.onClose(CLOSE_ABNORMAL, reason);
  }

  #pinged(payload: string): void {
    if (this.#state === 'closed') return;
    if (this.isOpen) this.#tell(bytesOf(payload), (peer) => peer.#ponged(payload));
    this.#handlers.onPing();
  }

  #ponged(payload: string): void {
    if (this.#state !== 'closed') this.#handlers.onPong(payload);
  }

  /** A close frame came: the answer to ours, or one that wants an answer. */
  #closed(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    if (this.isOpen) this.#tell(0, (peer) => peer.#closed(code, reason));
    this.#state = 'closed';
    this.#handlers.onClose(code, reason);
  }

  #broken(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#handlers.onClose(CLOSE_ABNORMAL, 'connection reset');
  }
}
