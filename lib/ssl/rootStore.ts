// The trusted root certificates of the program (ICS: TSslRootCAStore, IcsSslRootCAStore). Filled when
// first looked at, so that programs without TLS pay nothing.
//
// ICS: there a bundle of its own is compiled in; here the roots are those of Node.js (Mozilla's).
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { TX509List } from './TX509List';
import type { TX509Base } from './TX509Base';

export class TSslRootCAStore extends TX509List {
  /** Bundle (.pem, .cer, .pfx, .p12) to use in place of the roots of Node.js. Default ''. */
  DefRootFile = '';
  /** Bundle to add to the roots, e.g. with a CA of one's own. Default ''. */
  ExtraRootFile = '';

  #isFilled = false;
  #source = '';

  /** Has the store been filled? */
  get InitFlag(): boolean {
    return this.#isFilled;
  }

  /** Where the roots come from: `Node.js …` or the file, then ` + Extra`. */
  get CAStoreSource(): string {
    return this.#source;
  }

  /**
   * Fills the store unless that has happened. Raises ESslTX509Exception if a bundle cannot be read;
   * the store stays empty then and the next look tries again.
   */
  Initialise(): void {
    if (this.#isFilled) return;
    this.#isFilled = true;
    try {
      this.#fill();
    } catch (error) {
      this.Reset();
      throw error;
    }
  }

  /** Empties the store; the next look fills it again, with the files named then. */
  Reset(): void {
    this.Clear();
    this.#isFilled = false;
    this.#source = '';
  }

  /** @internal */
  protected override get items(): TX509Base[] {
    this.Initialise();
    return super.items;
  }

  #fill(): void {
    if (this.DefRootFile !== '') {
      this.LoadAllFromFile(this.DefRootFile);
      this.#source = this.DefRootFile;
    } else {
      this.LoadAllStack(rootCertificates.map((pem) => new X509Certificate(pem)));
      this.#source = `Node.js ${process.version}`;
    }
    if (this.ExtraRootFile === '') return;
    this.LoadAllFromFile(this.ExtraRootFile);
    this.#source += ' + Extra';
  }
}

/** The store that all components of the program share. */
export const IcsSslRootCAStore = new TSslRootCAStore(null);
