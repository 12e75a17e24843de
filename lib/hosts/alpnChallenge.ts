// The context for an ACME tls-alpn-01 handshake (RFC 8737): the supplier's server wants to see a
// certificate made for this challenge.
import { reasonOf } from '../ssl/sslErrors';
import { TCertReadOpt, TSslVerMethod } from '../ssl/sslTypes';
import { TSslContext } from '../ssl/TSslContext';
import { fileExists } from './certSource';

/** Password of challenge certificates, as in ICS. */
const PASSWORD = 'password';

export interface ChallengeContext {
  readonly context: TSslContext | null;
  readonly log: string;
}

/** `fileName` '' when nobody knew of a challenge. */
export function challengeContext(fileName: string): ChallengeContext {
  const refused = (log: string): ChallengeContext => ({
    context: null,
    log: `Client Hello ${log}`,
  });
  if (fileName === '') return refused('ACME tls-alpn-01 challenge not handled');
  if (!fileExists(fileName))
    return refused(`Failed to find tls-alpn-01 challenge certificate: ${fileName}`);
  const context = new TSslContext(null);
  try {
    context.SslMinVersion = TSslVerMethod.sslVerTLS1_2;
    context.SslCertX509.LoadFromFile(fileName, TCertReadOpt.croTry, TCertReadOpt.croTry, PASSWORD);
    if (context.SslCertX509.CheckCertAndPKey()) {
      context.InitContext();
      const log = `Client Hello Loaded new tls-alpn-01 challenge certificate: ${fileName}`;
      return { context, log };
    }
  } catch (error) {
    context.Free();
    return refused(`Exception handling tls-alpn-01 challenge: ${reasonOf(error)}`);
  }
  context.Free();
  return refused(`Failed to load certificate, no private key or Context Error: ${fileName}`);
}
