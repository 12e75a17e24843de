// The whole life of a certificate, from an INI file without any to the second renewal, as somebody
// outside sees it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import * as ics from '../../lib';
import { onCleanup, track, waitFor } from '../support';
import { opensslVersion, tempDir } from '../support/certificates';
import { usePebble } from '../support/pebble';
import { handshake } from '../hosts/hosts';
import { openCerts } from './newCerts';
import { answerChallenges, ISSUED } from './serving';
import { skipUnless } from '../support/skipTest';

const NAME = 'life.example.test';
/** A certificate is renewed when a third of this is left. */
const LIFE_S = 24;

/** The chain `openssl s_client` is shown. */
async function seenByOpenssl(port: number): Promise<X509Certificate[]> {
  const where = ['-connect', `127.0.0.1:${port}`, '-servername', NAME];
  const child = spawn('openssl', ['s_client', ...where, '-showcerts'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.end();
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString('latin1')));
  await new Promise((resolve) => child.on('close', resolve));
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return found.map((pem) => new X509Certificate(pem));
}

/** Clients that come one after the other; whoever fails is counted. */
function keepConnecting(port: number): { served: Set<string>; failures: string[]; count: number } {
  const seen = { served: new Set<string>(), failures: [] as string[], count: 0 };
  let isOver = false;
  onCleanup(() => (isOver = true));
  const run = async (): Promise<void> => {
    while (!isOver) {
      try {
        const { cert, socket } = await handshake(port, NAME);
        socket.destroy();
        seen.count++;
        seen.served.add(cert?.serialNumber ?? '');
      } catch (error) {
        if (!isOver) seen.failures.push(String(error));
      }
    }
  };
  void run();
  return seen;
}

describe('A certificate from an empty directory to its renewal', () => {
  const pebble = usePebble({ validity: LIFE_S });
  before(skipUnless(opensslVersion() !== '', 'no openssl command'));

  it('[X509-38] INI file, temporary certificate, order by tls-alpn-01 on the same port, renewal by itself', async function () {
    this.timeout(150_000);
    const { certs, dir, log } = await openCerts(pebble);
    certs.CloseAccount();
    const served = tempDir();
    const file = path.join(tempDir(), 'server.ini');
    const text = `[Server]
Banner=
SslCertAutoOrder=True
CertExpireDays=30

[IcsHost1]
HostEnabled=True
Hosts=${NAME}
BindIpAddr=127.0.0.1
BindSslPort=${pebble.tlsPort}
SslCert=${served}/life_example_test.pfx
CertSupplierProto=SuppProtoAcmeV2
CertChallenge=ChallAlpnApp
CertPKeyType=PrivKeyECsecp256
CertDirWork=${dir}
WellKnownPath=${tempDir()}
`;
    fs.writeFileSync(file, text);

    const start = performance.now();
    const server = track(new ics.TSslWSocketServer());
    const ini = new ics.TMemIniFile(file);
    const problems: string[] = [];
    const note = ({ Text }: ics.TIcsIniProblem): void => void problems.push(Text);
    ics.IcsLoadTWSocketServerFromIni(ini, server, 'Server', note);
    ics.IcsLoadIcsHostsFromIni(ini, server.IcsHosts, 'IcsHost', note);
    assert.deepEqual(problems, []);
    server.SslX509Certs = certs;
    answerChallenges(server, certs);
    const recheck = (): void => void server.RecheckSslCerts({ Value: '' }, false, true, true);
    let newCount = 0;
    certs.OnNewCert = () => {
      newCount++;
      recheck();
    };
    server.ValidateHosts(true, false, true);
    server.Listen();
    const [temporary] = await seenByOpenssl(pebble.tlsPort);
    assert.ok(performance.now() - start < 2000, 'up within two seconds');
    assert.match(temporary!.subject, /ICS-WSocket Temporary Certificate/);
    assert.match(temporary!.subjectAltName ?? '', /life\.example\.test/);

    const clients = keepConnecting(pebble.tlsPort);
    // What every program does once a day, and this one more often because its certificates are short.
    const daily = setInterval(recheck, 1000);
    onCleanup(() => clearInterval(daily));
    const step = async (count: number): Promise<X509Certificate> => {
      await waitFor(() => newCount >= count, `certificate ${count}`, 60_000).catch(() =>
        assert.fail(`${server.IcsHosts.Items[0]!.CertErrs}\n${log.slice(-80).join('\n')}`),
      );
      const [leaf, inter] = await seenByOpenssl(pebble.tlsPort);
      assert.match(inter?.subject ?? '', ISSUED);
      assert.ok(leaf!.checkIssued(inter!));
      const life = Date.parse(leaf!.validTo) - Date.parse(leaf!.validFrom);
      assert.ok(Math.abs(life / 1000 - LIFE_S) <= 2, `lives ${life} ms`);
      return leaf!;
    };
    const first = await step(1);
    const second = await step(2);
    assert.notEqual(second.serialNumber, first.serialNumber);
    assert.ok(Date.parse(second.validFrom) < Date.parse(first.validTo), 'renewed in time');
    clearInterval(daily);
    await waitFor(() => clients.served.has(second.serialNumber), 'a client that sees the renewal');
    assert.deepEqual(clients.failures, []);
    for (const { serialNumber } of [temporary!, first, second])
      assert.ok(clients.served.has(serialNumber), 'clients were served all the time');
  });
});
