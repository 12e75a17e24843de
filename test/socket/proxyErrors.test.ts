// The numbers and texts of proxy errors, and the functions that know them and socket errors.
import assert from 'node:assert/strict';
import * as ics from '../../lib';
import {
  WSocketErrorMsgFromErrorCode,
  WSocketGetErrorMsgFromErrorCode,
  WSocketIsProxyErrorCode,
  WSocketProxyErrorDesc,
} from '../../lib';

describe('Proxy errors', () => {
  it('[WS-86] of SOCKS servers have the numbers 20000 to 20017 and a text each', () => {
    const texts: [number, string][] = [
      [ics.socksNoError, 'No Error'],
      [ics.socksProtocolError, 'Protocol Error'],
      [ics.socksVersionError, 'Version Error'],
      [ics.socksAuthMethodError, 'Authentication Method Error'],
      [ics.socksGeneralFailure, 'General Failure'],
      [ics.socksConnectionNotAllowed, 'Connection Not Allowed'],
      [ics.socksNetworkUnreachable, 'Network Unreachable'],
      [ics.socksHostUnreachable, 'Host Unreachable'],
      [ics.socksConnectionRefused, 'Connection Refused'],
      [ics.socksTtlExpired, 'TTL Expired'],
      [ics.socksUnknownCommand, 'Unknown Command'],
      [ics.socksUnknownAddressType, 'Unknown Address Type'],
      [ics.socksUnassignedError, 'Unassigned Error'],
      [ics.socksInternalError, 'Internal Error'],
      [ics.socksDataReceiveError, 'Data Receive Error'],
      [ics.socksAuthenticationFailed, 'Authentication Failed'],
      [ics.socksRejectedOrFailed, 'Rejected Or Failed'],
      [ics.socksHostResolutionFailed, 'Host Resolution Failed'],
    ];
    texts.forEach(([code, text], index) => {
      assert.equal(code, 20000 + index);
      assert.equal(WSocketProxyErrorDesc(code), `SOCKS - ${text}`);
    });
  });

  it('[WS-86] of HTTP tunnels are 21000 plus the status', () => {
    assert.equal(ics.ICS_HTTP_TUNNEL_PROTERR, 21000);
    assert.equal(ics.ICS_HTTP_TUNNEL_GENERR, 21001);
    assert.equal(ics.ICS_HTTP_TUNNEL_VERSIONERR, 21002);
    assert.equal(WSocketProxyErrorDesc(21000), 'HTTP Proxy - Protocol Error');
    assert.equal(WSocketProxyErrorDesc(21001), 'HTTP Proxy - General Failure');
    assert.equal(WSocketProxyErrorDesc(21002), 'HTTP Proxy - Proxy server must support HTTP/1.1');
    assert.equal(WSocketProxyErrorDesc(21200), 'HTTP Proxy - No Error');
    assert.equal(WSocketProxyErrorDesc(21407), 'HTTP Proxy - Proxy Authentication Required');
    assert.equal(WSocketProxyErrorDesc(21502), 'HTTP Proxy - Bad Gateway');
    assert.equal(WSocketProxyErrorDesc(21599), 'HTTP Proxy - Status 599');
  });

  it('[WS-86] are recognised by their range', () => {
    for (const code of [20000, 20017, 21000, 21003, 21200, 21599])
      assert.equal(WSocketIsProxyErrorCode(code), true, String(code));
    for (const code of [0, 10061, 19999, 20018, 20999, 21600, -20000, 20000.5, NaN]) {
      assert.equal(WSocketIsProxyErrorCode(code), false, String(code));
      assert.equal(WSocketProxyErrorDesc(code), 'Not a proxy error');
    }
  });

  it('[WS-86] and socket errors are told apart by the combined texts', () => {
    assert.equal(WSocketErrorMsgFromErrorCode(10061), 'Winsock - Connection refused');
    assert.equal(WSocketErrorMsgFromErrorCode(0), 'Winsock - No Error');
    assert.equal(WSocketErrorMsgFromErrorCode(99999), 'Winsock - Not a Winsocket error');
    assert.equal(WSocketErrorMsgFromErrorCode(20008), 'SOCKS - Connection Refused');
    assert.equal(WSocketGetErrorMsgFromErrorCode(10061), 'Winsock - Connection refused (#10061)');
    assert.equal(WSocketGetErrorMsgFromErrorCode(21404), 'HTTP Proxy - Not Found (#21404)');
  });

  it('[WS-86] answer for what is no number', () => {
    for (const wrong of [undefined, null, '20000', {}, Symbol('x')] as unknown as number[]) {
      assert.equal(WSocketIsProxyErrorCode(wrong), false);
      assert.equal(WSocketProxyErrorDesc(wrong), 'Not a proxy error');
      assert.match(WSocketGetErrorMsgFromErrorCode(wrong), /^Winsock - Not a Winsocket error \(#/);
    }
  });
});
