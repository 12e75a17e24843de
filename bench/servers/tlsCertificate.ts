// The certificate of the TLS servers: made anew by each process, with a P-256 key.

import { makeSelfSigned } from '../../lib/ssl/selfSigned';

export interface PemPair {
  cert: string;
  key: string;
}

export function makePemPair(): PemPair {
  const { cert, key } = makeSelfSigned({ names: ['localhost'], ips: ['127.0.0.1'] });
  return {
    cert: cert.toString(),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
