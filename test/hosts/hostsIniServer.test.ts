// IcsLoadTWSocketServerFromIni: a whole server from a section.
import assert from 'node:assert/strict';
import {
  EIcsException,
  IcsLoadTWSocketServerFromIni,
  sfIPv6,
  sslCliCertRequire,
  TSslWSocketServer,
  TWSocketServer,
  type TIcsIniProblem,
  type TMemIniFile,
} from '../../lib';
import { connect, portOf, startServer, track } from '../support';
import { iniOf, textsOf } from './iniFiles';

function load(server: TWSocketServer, ...lines: string[]): { count: number; told: string[] } {
  track(server);
  const problems: TIcsIniProblem[] = [];
  const count = IcsLoadTWSocketServerFromIni(iniOf(...lines), server, undefined, (problem) =>
    problems.push(problem),
  );
  return { count, told: textsOf(problems) };
}

describe('IcsLoadTWSocketServerFromIni', () => {
  it('sets what the section names and leaves everything else', () => {
    const server = new TSslWSocketServer();
    server.BannerTooBusy = 'later';
    const { count, told } = load(
      server,
      '[socketserver]',
      'addr = ::1',
      'Port=8443',
      'Banner=',
      'MaxClients=0x10',
      'ListenBackLog=15',
      'BandwidthLimitKB=4',
      'RootCA=c:\\certs\\root.pem',
      'SslCliCertMethod=SSLCLICERTREQUIRE',
      'NoSSL=False',
      'DHParams=',
    );
    assert.deepEqual(told, []);
    assert.equal(count, 10);
    assert.deepEqual([server.Addr, server.Port], ['::1', '8443']);
    assert.equal(server.Banner, '');
    assert.equal(server.BannerTooBusy, 'later');
    assert.equal(server.MaxClients, 16);
    assert.equal(server.ListenBacklog, 15);
    assert.equal(server.BandwidthLimit, 4096);
    assert.equal(server.RootCA, 'c:\\certs\\root.pem');
    assert.equal(server.SslCliCertMethod, sslCliCertRequire);
    assert.equal(server.SslEnable, true);
  });

  it('reports what is wrong or unknown by line and keeps the values there were', () => {
    const server = new TWSocketServer();
    server.MaxClients = 7;
    const { count, told } = load(
      server,
      '[SocketServer]',
      'MaxClient=5',
      'MaxClients=many',
      'ListenBacklog=-1',
      'SocketFamily=IPv4',
      'RootCA=a.pem',
      'Port=1',
      'Port=2',
    );
    assert.equal(count, 1);
    assert.equal(server.Port, '1');
    assert.equal(server.MaxClients, 7);
    assert.equal(server.ListenBacklog, 15);
    assert.deepEqual(told, [
      '2: unknown key "MaxClient" (did you mean "MaxClients"?)',
      '3: MaxClients is no number "many", taken as 7',
      '4: ListenBacklog is less than 0 "-1", taken as 15',
      '5: SocketFamily is an unknown value "IPv4", taken as sfIPv4 (did you mean "sfIPv4"?)',
      '6: RootCA has no effect on this server',
      '8: repeated key "Port", the one in line 7 counts',
    ]);
  });

  it('adds a listener for each of its sections, and the server serves on all of them', async () => {
    const server = new TWSocketServer();
    server.MultiListenSockets.Add();
    const { count } = load(
      server,
      '[SocketServer]',
      'Addr=127.0.0.1',
      'Port=0',
      'Banner=hello',
      '[SocketServerListen2]',
      'Addr=127.0.0.1',
      'Port=0',
      '[SocketServerListen9]',
      'Addr=::1',
      'Port=0',
    );
    assert.equal(count, 5);
    assert.equal(server.MultiListenSockets.Count, 2);
    const [second, third] = [0, 1].map((at) => server.MultiListenSockets.Items[at]!);
    assert.equal(third!.SocketFamily, sfIPv6);
    server.Listen();
    second!.Listen();
    for (const port of [portOf(server), Number(second!.BindPort)]) {
      const peer = await connect({ host: '127.0.0.1', port });
      assert.equal(await peer.line(), 'hello');
      peer.end();
    }
  });

  it('keeps the listeners of a server whose file has no sections for them', () => {
    const server = new TWSocketServer();
    server.MultiListenSockets.Add();
    assert.equal(load(server, '[SocketServer]', 'MaxClients=1').count, 1);
    assert.equal(server.MultiListenSockets.Count, 1);
  });

  it('says so when there is no such section', () => {
    const server = new TWSocketServer();
    const { count, told } = load(server, '[Other]', 'Port=1');
    assert.equal(count, 0);
    assert.deepEqual(told, ['0: no section "SocketServer"']);
  });

  it('raises what the properties of a listening server raise, and reports what it found before', () => {
    const server = startServer();
    const told: string[] = [];
    assert.throws(
      () =>
        IcsLoadTWSocketServerFromIni(
          iniOf('[SocketServer]', 'Prot=1', 'Port=2', 'MaxClients=3'),
          server,
          'SocketServer',
          ({ Text }) => told.push(Text),
        ),
      { message: 'Cannot change Port if not closed' },
    );
    assert.deepEqual(told, ['unknown key "Prot" (did you mean "Port"?)']);
    assert.ok(portOf(server) > 2);
  });

  it('raises without a file or without a server', () => {
    const server = track(new TWSocketServer());
    for (const ini of [null, undefined, {}])
      assert.throws(
        () => IcsLoadTWSocketServerFromIni(ini as unknown as TMemIniFile, server),
        (E) => E instanceof EIcsException && E.message === 'Must open and assign INI file first',
      );
    for (const wrong of [null, undefined, 'x', {}])
      assert.throws(
        () => IcsLoadTWSocketServerFromIni(iniOf(), wrong as unknown as TWSocketServer),
        (E) => E instanceof EIcsException && E.message === 'Must assign Server first',
      );
  });
});
