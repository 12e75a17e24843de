// The sample of docs/guides/hosts-ini.md does what the guide says.
import assert from 'node:assert/strict';
import {
  IcsLoadIcsHostsFromIni,
  IcsLoadTWSocketServerFromIni,
  sslSrvSecHigh,
  TIcsHost,
  TIcsIniFile,
  TSslWSocketServer,
  type TIcsIniProblem,
} from '../../lib';
import { HOST_KEYS, TLS_KEYS } from '../../lib/hosts/hostKeys';
import { codeBlocks, readDocument } from '../docs/markdown';
import { track } from '../support';
import { tempFile } from '../support/certificates';

const GUIDE = readDocument('docs/guides/hosts-ini.md');

describe('The guide to INI files', () => {
  it('has a sample that loads without a problem', () => {
    const [sample] = codeBlocks(GUIDE).filter(({ language }) => language === 'ini');
    const ini = new TIcsIniFile(tempFile('hosts.ini', sample!.text));
    const server = track(new TSslWSocketServer());
    const problems: TIcsIniProblem[] = [];
    const tell = (problem: TIcsIniProblem): void => void problems.push(problem);
    assert.equal(IcsLoadTWSocketServerFromIni(ini, server, undefined, tell), 3);
    assert.equal(IcsLoadIcsHostsFromIni(ini, server.IcsHosts, undefined, tell), 2);
    assert.deepEqual(problems, []);
    assert.deepEqual([server.Banner, server.MaxClients], ['', 500]);
    const [web, intern] = [server.IcsHosts.Items[0]!, server.IcsHosts.Items[1]!];
    assert.deepEqual(web.HostNames.toArray(), ['www.example.test', 'example.test']);
    assert.deepEqual([web.BindNonPort, web.BindSslPort], [80, 443]);
    assert.equal(web.SslCert, 'certs/example_test.pem');
    assert.equal(web.SslSrvSecurity, sslSrvSecHigh);
    assert.equal(intern.DisplayName, 'INTERN - 127.0.0.1:8080');
  });

  it('says that keys are properties of TIcsHost, and they are', () => {
    const host = new TIcsHost(null);
    for (const { property, fallback } of [...HOST_KEYS, ...TLS_KEYS]) {
      assert.ok(property in host, property);
      assert.equal(typeof Reflect.get(host, property), typeof fallback, property);
    }
  });
});
