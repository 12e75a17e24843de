// The part of Delphi's TPersistent that ICS's collections rely on: Assign, and an end that may be
// asked for any number of times.
import { EConvertError } from '../errors';

export class TPersistent {
  #destroyed = false;

  /** True once Destroy has run. */
  get isDestroyed(): boolean {
    return this.#destroyed;
  }

  /** Destroys the object unless that has happened already. */
  Free(): void {
    if (!this.#destroyed) this.Destroy();
  }

  /** Descendants release their own things first and then call `super.Destroy()`. */
  Destroy(): void {
    this.#destroyed = true;
  }

  [Symbol.dispose](): void {
    this.Free();
  }

  /**
   * Copies the properties of Source. Descendants copy from the classes they know and call
   * `super.Assign(Source)` for others, which raises EConvertError `Cannot assign a … to a …`.
   */
  Assign(Source: TPersistent | null): void {
    if (Source) Source.AssignTo(this);
    else this.assignError(null);
  }

  /** Assign from the other side: for a class that knows how to copy itself to Dest. */
  protected AssignTo(Dest: TPersistent): void {
    Dest.assignError(this);
  }

  private assignError(Source: TPersistent | null): never {
    const name = Source ? Source.constructor.name : 'nil';
    throw new EConvertError(`Cannot assign a ${name} to a ${this.constructor.name}`);
  }
}
