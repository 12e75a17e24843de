// The byte stream under Node's TLS. Node reads ciphertext from it and writes ciphertext to it; both
// ends are ours, the descriptor never leaves the core.
//
//  - Lean carrier: a subclass of the class Node itself puts between a JavaScript stream and its TLS
//    code. It completes writes when we say so, so that TLS advances inside a synchronous pump too.
//    The class is not public: it is used only where it looks as expected (a test at first use).
//  - Public carrier: a Duplex, which is documented to work everywhere. Its writes complete in a turn
//    of Node's loop, so a synchronous pump does not finish a handshake by itself, and a session has
//    something to say yet when its socket is closed (tlsFarewell.ts).
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/** What a carrier needs of the connection. */
export interface CarrierOwner {
  /** Ciphertext for the peer. False: the connection is over. */
  sendCipher(bytes: Uint8Array): boolean;
  /** Runs `complete` soon, but not inside the current call. */
  later(complete: () => void): void;
  /** Everything was sent, close_notify included. */
  saidAll(): void;
}

/** A stream for Node's TLS: ciphertext goes in by receive() and finish(). */
export interface Carrier extends Duplex {
  receive(bytes: Uint8Array): void;
  /** The peer sends nothing more. */
  finish(): void;
}

const UV_ECANCELED = -125;
const UV_EPIPE = -32;

/** Node's handle under a JavaScript stream. */
interface StreamHandle {
  readBuffer(bytes: Uint8Array): void;
  emitEOF(): void;
  finishWrite(request: object, status: number): void;
  finishShutdown(request: object, status: number): void;
}

/** Node's own class, as far as the subclass relies on it. */
interface NodeWrap extends Duplex {
  _handle: StreamHandle | null;
}
type NodeWrapClass = new (stream: Duplex) => NodeWrap;
type CarrierClass = new (owner: CarrierOwner) => Carrier;

const METHODS = ['doWrite', 'doShutdown', 'doClose', 'readStart', 'readStop', 'isClosing'] as const;

/** The stream the lean carrier shows to Node's class: it has no bytes of its own. */
class Underside extends Duplex {
  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }
}

function makeLeanClass(Wrap: NodeWrapClass): CarrierClass {
  return class LeanCarrier extends Wrap implements Carrier {
    readonly #owner: CarrierOwner;
    readonly #under: Duplex;
    #writing: object | null = null;
    #shutting: object | null = null;

    constructor(owner: CarrierOwner) {
      const under = new Underside();
      super(under);
      this.allowHalfOpen = true; // the owner decides what the peer's end means
      this.#under = under;
      this.#owner = owner;
    }

    receive(bytes: Uint8Array): void {
      this._handle?.readBuffer(bytes);
    }

    finish(): void {
      this._handle?.emitEOF();
    }

    // From here on: what Node's TLS calls instead of the methods of its own class.

    isClosing(): boolean {
      return this.destroyed;
    }

    readStart(): number {
      return 0;
    }

    readStop(): number {
      return 0;
    }

    doWrite(request: object, buffers: Uint8Array[]): number {
      let alive = true;
      for (const bytes of buffers) alive = this.#owner.sendCipher(bytes) && alive;
      this.#writing = request;
      this.#owner.later(() => this.#finishWrite(alive ? 0 : UV_EPIPE));
      return 0;
    }

    doShutdown(request: object): number {
      this.#owner.saidAll();
      this.#shutting = request;
      if (this.#writing === null) this.#owner.later(() => this.#finishShutdown(0));
      return 0;
    }

    #finishWrite(status: number): void {
      const request = this.#writing;
      if (request === null) return;
      this.#writing = null;
      this._handle?.finishWrite(request, status);
      if (this.#shutting !== null) this.#finishShutdown(status);
    }

    #finishShutdown(status: number): void {
      const request = this.#shutting;
      if (request === null) return;
      this.#shutting = null;
      this._handle?.finishShutdown(request, status);
    }

    doClose(done: () => void): void {
      const handle = this._handle;
      this.#owner.later(() => {
        if (handle && this.#writing) handle.finishWrite(this.#writing, UV_ECANCELED);
        if (handle && this.#shutting) handle.finishShutdown(this.#shutting, UV_ECANCELED);
        this.#writing = this.#shutting = null;
        done();
      });
      this.#under.destroy();
    }
  };
}

class PublicCarrier extends Duplex implements Carrier {
  readonly #owner: CarrierOwner;

  constructor(owner: CarrierOwner) {
    super({ allowHalfOpen: true });
    this.#owner = owner;
  }

  receive(bytes: Uint8Array): void {
    this.push(Buffer.from(bytes));
  }

  finish(): void {
    this.push(null);
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    const alive = this.#owner.sendCipher(chunk);
    this.#owner.later(() => done(alive ? undefined : new Error('the connection is closed')));
  }

  override _final(done: () => void): void {
    this.#owner.saidAll();
    done();
  }
}

let chosen: CarrierClass | null = null;

/** A carrier for one TLS session. */
export function createCarrier(owner: CarrierOwner): Carrier {
  chosen ??= leanClass() ?? PublicCarrier;
  return new chosen(owner);
}

/** Whether TLS advances inside a synchronous pump in this Node. */
export function isLean(): boolean {
  return leanClass() !== null;
}

// The class is found where a TLS socket over a JavaScript stream keeps it, and refused unless every
// member the subclass replaces is there.
function leanClass(): CarrierClass | null {
  if (process.env.ICS_PUBLIC_CARRIER) return null;
  const under = new Underside();
  const probe = new TLSSocket(under);
  try {
    const handle = (probe as unknown as { _handle?: { _parentWrap?: NodeWrap } })._handle;
    const wrap = handle?._parentWrap;
    if (!wrap || !(wrap instanceof Duplex)) return null;
    const Wrap = wrap.constructor as NodeWrapClass & { prototype: Record<string, unknown> };
    const shaped = METHODS.every((name) => typeof Wrap.prototype[name] === 'function');
    const inner = wrap._handle as unknown as Record<string, unknown> | null;
    const calls = ['readBuffer', 'emitEOF', 'finishWrite', 'finishShutdown'];
    const usable = shaped && calls.every((name) => typeof inner?.[name] === 'function');
    return usable ? makeLeanClass(Wrap) : null;
  } catch {
    return null;
  } finally {
    probe.on('error', () => undefined);
    probe.destroy();
    under.destroy();
  }
}
