// A small OCSP responder on loopback: answers come from `openssl ocsp`, its database says which
// certificates are known and which were revoked.
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { der, objectId, sequence } from '../../lib/ssl/derWriter';
import { URI } from '../../lib/ssl/certDetails';
import { OID } from '../../lib/ssl/oids';
import { onCleanup } from '../support';
import { makeCert, tempDir, type TestCert, type TestCertOptions } from '../support/certificates';
import { portOf } from '../ssl/sockets';
import { ca } from './hosts';

export interface Responder {
  url: string;
  /** Requests so far. */
  asked: number;
  /** Takes the place of the answer: bytes, or null for none at all. */
  override: Buffer | null | undefined;
  know(cert: TestCert, status?: 'V' | 'R'): void;
  close(): void;
}

/** Signs with `ca` itself, or with a certificate `signer` of its own. */
export async function ocspResponder(signer: TestCert = ca): Promise<Responder> {
  const folder = tempDir();
  const file = (name: string, contents: string | Buffer): string => {
    writeFileSync(path.join(folder, name), contents);
    return path.join(folder, name);
  };
  const caFile = file('ca.pem', ca.pem);
  const signerFile = file('signer.pem', signer.pem);
  const keyFile = file('signer.key', signer.keyPem);
  const lines = new Map<string, string>();
  const answer = (request: Buffer): Buffer => {
    const index = file('index.txt', [...lines.values()].join(''));
    const respout = path.join(folder, 'response.der');
    const files = ['-index', index, '-CA', caFile, '-rsigner', signerFile, '-rkey', keyFile];
    const reqin = file('request.der', request);
    const args = ['ocsp', ...files, '-reqin', reqin, '-respout', respout, '-ndays', '2'];
    execFileSync('openssl', args, { stdio: 'ignore' });
    return execFileSync('cat', [respout]);
  };
  const server = http.createServer((request, response) => {
    responder.asked++;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (responder.override === null) return;
      response.end(responder.override ?? answer(Buffer.concat(chunks)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const responder: Responder = {
    url: `http://127.0.0.1:${portOf(server)}/ocsp`,
    asked: 0,
    override: undefined,
    know({ cert }, status = 'V') {
      const end = '491231235959Z';
      const revoked = status === 'R' ? '250101000000Z' : '';
      const line = `${status}\t${end}\t${revoked}\t${cert.serialNumber}\tunknown\t/CN=x\n`;
      lines.set(cert.serialNumber, line);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  onCleanup(() => responder.close());
  return responder;
}

/** A certificate that names the responder. */
export function certWithOcsp(
  url: string,
  names: string[],
  options: TestCertOptions = {},
): TestCert {
  const location = der(URI, Buffer.from(url, 'latin1'));
  const value = sequence(sequence(objectId(OID.ocsp), location));
  const extra = [{ oid: OID.authorityInfoAccess, value }];
  return makeCert({ ca, names, extra, ...options });
}
