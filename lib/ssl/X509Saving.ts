// Writing of certificates and keys (ICS: the Save methods of TX509Base). Files are replaced in one
// step; new files with a private key are readable for their owner only.
//
// ICS: there a password without a key cipher leaves the key in clear. Here it means AES-256.
import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import path from 'node:path';
import { certInfo, isSelfSigned } from './certInfo';
import { TSslPrivKeyCipher } from './certTypes';
import { writeCertFile } from './certFiles';
import { cipherName } from './pbe';
import { writePfx } from './pfxWriter';
import { writePkcs7 } from './pkcs7';
import { EX509Exception } from './sslErrors';
import { X509Properties } from './X509Properties';

const { PrivKeyEncNone } = TSslPrivKeyCipher;

export class X509Saving extends X509Properties {
  /**
   * Saves by extension: .pfx .p12; .p7b .p7r .p7s .spc; .der; anything else as PEM. AddInfoText puts
   * a description in front of each certificate in PEM.
   */
  SaveToFile(
    FileName: string,
    IncludePrivateKey = false,
    AddInfoText = false,
    IncludeInters = false,
    Password = '',
    PrivKeyType: TSslPrivKeyCipher = PrivKeyEncNone,
  ): void {
    switch (path.extname(FileName).toLowerCase()) {
      case '.pfx':
      case '.p12':
        this.SaveToP12File(FileName, Password, IncludeInters, PrivKeyType, IncludePrivateKey);
        break;
      case '.p7b':
      case '.p7r':
      case '.p7s':
      case '.spc':
        this.SaveToP7BFile(FileName, IncludeInters);
        break;
      case '.der':
        this.SaveToDERFile(FileName);
        break;
      default:
        this.SaveToPemFile(
          FileName,
          IncludePrivateKey,
          AddInfoText,
          IncludeInters,
          Password,
          PrivKeyType,
        );
    }
  }

  /** The certificate, then the key, then the intermediates that are no roots. */
  SaveToPemFile(
    FileName: string,
    IncludePrivateKey = false,
    AddInfoText = false,
    IncludeInters = false,
    Password = '',
    PrivKeyType: TSslPrivKeyCipher = PrivKeyEncNone,
  ): void {
    const parts = [this.SaveCertToText(AddInfoText)];
    if (IncludePrivateKey) parts.push(this.SavePKeyToText(Password, PrivKeyType));
    if (IncludeInters) parts.push(...this.#intersAsText(AddInfoText));
    writeCertFile(FileName, parts.join('\n'), IncludePrivateKey);
  }

  /** The certificate as PEM. Raises `X509 not assigned`. */
  SaveCertToText(AddInfoText = false): string {
    return certText(this.#loadedCert(), AddInfoText);
  }

  /** The private key as PEM, PKCS #8. Raises `Private key not assigned`. */
  SavePKeyToText(Password = '', PrivKeyType: TSslPrivKeyCipher = PrivKeyEncNone): string {
    const key = this.#loadedKey();
    if (Password === '' && PrivKeyType !== PrivKeyEncNone)
      throw new EX509Exception('A password is needed to encrypt the private key');
    const encryption =
      Password === '' ? {} : { cipher: cipherName(PrivKeyType), passphrase: Password };
    return String(key.export({ type: 'pkcs8', format: 'pem', ...encryption }));
  }

  PrivateKeySaveToPemFile(
    FileName: string,
    Password = '',
    PrivKeyType: TSslPrivKeyCipher = PrivKeyEncNone,
  ): void {
    writeCertFile(FileName, this.SavePKeyToText(Password, PrivKeyType), true);
  }

  /** The public half of the private key as PEM. Raises `Private key not assigned`. */
  PublicKeySaveToText(): string {
    const key = this.PrivateKey;
    if (!key) throw new EX509Exception('Private key not assigned');
    const isPublic = key.type === 'public';
    return String((isPublic ? key : createPublicKey(key)).export({ type: 'spki', format: 'pem' }));
  }

  PublicKeySaveToPemFile(FileName: string): void {
    writeCertFile(FileName, this.PublicKeySaveToText(), false);
  }

  /** The intermediates that are no roots, as PEM. (The name has this spelling in ICS.) */
  SaveIntersToToPemFile(FileName: string, AddInfoText = false): void {
    if (!this.IsInterLoaded) throw new EX509Exception('X509Inters not assigned');
    writeCertFile(FileName, this.#intersAsText(AddInfoText).join('\n'), false);
  }

  /** The certificate alone in DER. */
  SaveToDERFile(FileName: string): void {
    writeCertFile(FileName, this.#loadedCert().raw, false);
  }

  /** PKCS #7 without key; Base64: as PEM instead of DER. */
  SaveToP7BFile(FileName: string, IncludeInters = false, Base64 = false): void {
    const certs = [this.#loadedCert(), ...(IncludeInters ? this.X509Inters : [])];
    writeCertFile(FileName, writePkcs7(certs, Base64), false);
  }

  /** Bytes of a PKCS #12 file. An empty password leaves everything in clear. */
  SaveToP12Buf(
    Password: string,
    IncludeInters = false,
    PrivKeyType: TSslPrivKeyCipher = PrivKeyEncNone,
    IncludeKey = true,
  ): Buffer {
    const cert = this.#loadedCert();
    const parts = {
      cert,
      key: IncludeKey ? this.#loadedKey() : null,
      inters: IncludeInters ? this.X509Inters : [],
      title: this.SubjectCName,
    };
    return writePfx(parts, Password, PrivKeyType);
  }

  SaveToP12File(
    FileName: string,
    Password: string,
    IncludeInters = false,
    PrivKeyType: TSslPrivKeyCipher = PrivKeyEncNone,
    IncludeKey = true,
  ): void {
    const bytes = this.SaveToP12Buf(Password, IncludeInters, PrivKeyType, IncludeKey);
    writeCertFile(FileName, bytes, IncludeKey);
  }

  #intersAsText(addInfoText: boolean): string[] {
    const inters = this.X509Inters.filter((cert) => !isSelfSigned(cert));
    return inters.map((cert) => certText(cert, addInfoText));
  }

  #loadedCert(): X509Certificate {
    if (!this.X509) throw new EX509Exception('X509 not assigned');
    return this.X509;
  }

  #loadedKey(): KeyObject {
    if (this.PrivateKey?.type !== 'private') throw new EX509Exception('Private key not assigned');
    return this.PrivateKey;
  }
}

/** A name in the description must not look like the beginning of a block. */
function certText(cert: X509Certificate, addInfoText: boolean): string {
  if (!addInfoText) return cert.toString();
  const info = certInfo(cert, false).replaceAll('\r\n', '\n').replaceAll('-----', '- - -');
  return `${info}\n${cert.toString()}`;
}
