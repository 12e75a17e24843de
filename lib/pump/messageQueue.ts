// Posted messages of a thread, in the order in which they were posted. A message belongs to the
// component it was posted to and is dropped when that component is destroyed first.

/** Who receives messages; TIcsWndControl is the only implementation. */
export interface MessageTarget {
  readonly isDestroyed: boolean;
  dispatchMessage(message: QueuedMessage): void;
}

/** A message with what only this package's own components post: a reference. */
export interface QueuedMessage {
  readonly target: MessageTarget;
  readonly Msg: number;
  readonly WParam: number;
  readonly LParam: number;
  readonly subject: object | null;
}

/** As many messages of the application may wait, like ICS's MESSAGE_QUEUE_SIZE. */
export const MESSAGE_QUEUE_SIZE = 10000;

export class MessageQueue {
  #items: (QueuedMessage | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(message: QueuedMessage): void {
    this.#items.push(message);
  }

  /** The oldest message whose target still lives. */
  shift(): QueuedMessage | undefined {
    while (this.#head < this.#items.length) {
      const message = this.#items[this.#head];
      this.#items[this.#head++] = undefined;
      if (this.#head === this.#items.length) {
        this.#items.length = 0;
        this.#head = 0;
      } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
        this.#items.splice(0, this.#head);
        this.#head = 0;
      }
      if (message && !message.target.isDestroyed) return message;
    }
    return undefined;
  }
}
