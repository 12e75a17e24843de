// Our own test of a challenge before the authority makes its own: the same request, from here (ICS:
// TestOneChallenge). '' when it is right, else what is wrong.
import { Resolver } from 'node:dns/promises';
import tls from 'node:tls';
import { isIP } from 'node:net';
import { fetchUrl, withResolvers } from './acme/https';
import { familyRefusal, openTunnel, optionalLookup, type Route } from './acme/route';
import { EX509Exception, reasonOf } from '../ssl/sslErrors';
import { acmeTypeOf } from './acme/challenges';
import { AlpnAcmeTls1 } from './challengeServer';
import type { TChallengeItem } from './x509CertsTypes';

const TIMEOUT_MS = 10_000;

export interface LocalCheck {
  readonly httpPort: number;
  readonly alpnPort: number;
  /** Address to connect to; '': the one of the name. */
  readonly address: string;
  /** Resolver; '': those of the system. */
  readonly dnsServer: string;
  readonly route: Route;
}

export async function checkChallenge(item: TChallengeItem, check: LocalCheck): Promise<string> {
  try {
    switch (acmeTypeOf(item.CType)) {
      case 'http-01':
        return await checkPage(item, check);
      case 'dns-01':
        return await checkRecord(item, check);
      default:
        return await checkAlpn(item, check);
    }
  } catch (error) {
    return reasonOf(error);
  }
}

async function checkPage(item: TChallengeItem, check: LocalCheck): Promise<string> {
  const host = item.CDomain.includes(':') ? `[${item.CDomain}]` : item.CDomain;
  const port = check.httpPort === 80 ? '' : `:${check.httpPort}`;
  const url = `http://${host}${port}/.well-known/${item.CPage}`;
  const { address, route } = check;
  const answer = await fetchUrl(url, { timeout: TIMEOUT_MS, address, route });
  if (answer.status !== 200) return `${url} answers with status ${answer.status}`;
  return answer.body.toString('utf8').trim() === item.CResp ? '' : `${url} has other contents`;
}

async function checkRecord(item: TChallengeItem, check: LocalCheck): Promise<string> {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  if (check.dnsServer !== '') resolver.setServers([check.dnsServer]);
  const records = await resolver.resolveTxt(item.CPage);
  const found = records.some((parts) => parts.join('') === item.CDNSValue);
  return found ? '' : `no TXT record of ${item.CPage} has the right text`;
}

async function checkAlpn(item: TChallengeItem, check: LocalCheck): Promise<string> {
  const abort = new AbortController();
  const late = new Error(`no answer within ${TIMEOUT_MS} ms`);
  const timer = setTimeout(() => abort.abort(late), TIMEOUT_MS);
  try {
    return await handshakeOf(item, await placeOf(item, check, abort.signal), abort.signal);
  } catch (error) {
    throw abort.signal.aborted ? late : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Where the challenge is answered: an address, or a tunnel to it. */
async function placeOf(
  { CDomain }: TChallengeItem,
  { address, alpnPort, route }: LocalCheck,
  signal: AbortSignal,
): Promise<tls.ConnectionOptions> {
  const { family, proxy } = route;
  const host = address || CDomain;
  if (proxy && address === '') {
    const target = `${CDomain.includes(':') ? `[${CDomain}]` : CDomain}:${alpnPort}`;
    return { socket: await openTunnel(proxy, target, { family, signal }), host };
  }
  const refusal = familyRefusal(host, family);
  if (refusal !== '') throw new EX509Exception(refusal);
  return { host, port: alpnPort, ...optionalLookup(family) };
}

function handshakeOf(
  item: TChallengeItem,
  place: tls.ConnectionOptions,
  signal: AbortSignal,
): Promise<string> {
  const { promise, resolve } = withResolvers<string>();
  const client = tls.connect({
    ...place,
    ...(isIP(item.CAlpnSNI) ? {} : { servername: item.CAlpnSNI }),
    ALPNProtocols: [AlpnAcmeTls1],
    // The certificate signs itself: what counts is that it is the one of the challenge.
    rejectUnauthorized: false,
  });
  const end = (result: string): void => {
    client.destroy();
    place.socket?.destroy();
    resolve(result);
  };
  signal.addEventListener('abort', () => end(reasonOf(signal.reason)), { once: true });
  client.on('error', (error) => end(reasonOf(error)));
  client.on('close', () => end('connection closed'));
  client.on('secureConnect', () =>
    end(client.alpnProtocol === AlpnAcmeTls1 ? '' : `${AlpnAcmeTls1} was not negotiated`),
  );
  return promise;
}
