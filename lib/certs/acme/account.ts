// The account at the authority: its key on disk, registration, external binding (RFC 8555, 7.3).
import { createPublicKey, type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { readCertFile, writeCertFile } from '../../ssl/certFiles';
import { keyFromPem } from '../../ssl/certMaterial';
import type { TSslPrivKeyType } from '../../ssl/certTypes';
import { generateKey } from '../../ssl/selfSigned';
import { EX509Exception } from '../../ssl/sslErrors';
import { EAcmeError, textOf, type AcmeClient } from './client';
import { bindAccount } from './jws';

export const ACCOUNT_KEY = 'AcmePrivateKey.pem';
export const ACCOUNT_PUBLIC_KEY = 'AcmePublicKey.pem';

/** The key of the directory, made when there is none. An existing one is never overwritten. */
export function loadAccountKey(folder: string, type: TSslPrivKeyType): KeyObject {
  const file = path.join(folder, ACCOUNT_KEY);
  if (fs.existsSync(file)) return keyFromPem(readCertFile(file).toString('latin1'), '');
  const key = generateKey(type);
  writeCertFile(file, String(key.export({ type: 'pkcs8', format: 'pem' })), true);
  const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' });
  writeCertFile(path.join(folder, ACCOUNT_PUBLIC_KEY), String(publicPem), false);
  return key;
}

export interface Registration {
  readonly email: string;
  readonly eabKid: string;
  readonly eabHmacKey: string;
}

/** Registers the key, or finds its account; the client uses it from now on. The account's URL. */
export async function register(
  client: AcmeClient,
  key: KeyObject,
  { email, eabKid, eabHmacKey }: Registration,
): Promise<string> {
  const { newAccount, meta } = await client.directory();
  if (meta.externalAccountRequired && (eabKid === '' || eabHmacKey === ''))
    throw new EX509Exception(
      'Failed to Create Acme account: externalAccountBinding is required, AcmeEABKid and AcmeEABHmacKey must be set',
    );
  client.useAccount(key, '');
  const payload = {
    termsOfServiceAgreed: true,
    ...(email === '' ? {} : { contact: [`mailto:${email}`] }),
    ...(eabKid === ''
      ? {}
      : { externalAccountBinding: bindAccount(eabKid, eabHmacKey, newAccount, key) }),
  };
  try {
    const answer = await client.post(newAccount, payload);
    const url = textOf(answer.headers.location);
    if (url === '') throw new EX509Exception('Failed to Create Acme account: no account URL');
    client.useAccount(key, url);
    return url;
  } catch (error) {
    if (!(error instanceof EAcmeError)) throw error;
    throw new EX509Exception(`Failed to Create Acme account: ${error.message}`);
  }
}

/** Does the authority know the account? An account it has lost, deactivated or never had: false. */
export async function isKnownAccount(
  client: AcmeClient,
  key: KeyObject,
  url: string,
): Promise<boolean> {
  client.useAccount(key, url);
  try {
    await client.post(url);
    return true;
  } catch (error) {
    const isRefused = error instanceof EAcmeError && error.status < 500;
    if (isRefused && error.type !== 'rateLimited') return false;
    throw error;
  }
}
