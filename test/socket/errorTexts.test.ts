// The texts of the Windows error numbers.
import assert from 'node:assert/strict';
import * as ics from '../../lib';
import { GetWinsockErr, WSocketErrorDesc } from '../../lib';

const UNKNOWN = 'Not a Winsocket error';

describe('WSocketErrorDesc and GetWinsockErr', () => {
  it('[WS-86] give the Windows text, and the text with its number', () => {
    assert.equal(WSocketErrorDesc(10061), 'Connection refused');
    assert.equal(WSocketErrorDesc(0), 'No Error');
    assert.equal(WSocketErrorDesc(99999), 'Not a Winsocket error');
    assert.equal(GetWinsockErr(10061), 'Connection refused (#10061)');
  });

  it('[WS-86] know the whole table', () => {
    const texts: [number, string][] = [
      [10004, 'Interrupted system call'],
      [10009, 'Bad file number'],
      [10013, 'Permission denied'],
      [10014, 'Bad address'],
      [10022, 'Invalid argument'],
      [10024, 'Too many open files'],
      [10035, 'Operation would block'],
      [10038, 'Socket operation on non-socket'],
      [10040, 'Message too long'],
      [10047, 'Address family not supported by protocol family'],
      [10048, 'Address already in use'],
      [10049, 'Address not available'],
      [10051, 'Network is unreachable'],
      [10053, 'Connection aborted'],
      [10054, 'Connection reset by peer'],
      [10055, 'No buffer space available'],
      [10057, 'Socket is not connected'],
      [10058, "Can't send after socket shutdown"],
      [10059, "Too many references: can't splice"],
      [10060, 'Connection timed out'],
      [10065, 'No route to host'],
      [10071, 'Too many levels of remote in path'],
      [11001, 'Host not found'],
      [11004, 'No Data'],
    ];
    for (const [code, text] of texts) assert.equal(WSocketErrorDesc(code), text);
  });

  it('[WS-86] have a constant for every number of the table', () => {
    const constants = Object.entries(ics).filter(
      ([name, value]) => /^WSA[A-Z_]+$/.test(name) && typeof value === 'number',
    ) as [string, number][];
    const known = constants.filter(([, code]) => WSocketErrorDesc(code) !== UNKNOWN);
    const withText: number[] = [];
    for (let code = 1; code < 20000; code++)
      if (WSocketErrorDesc(code) !== UNKNOWN) withText.push(code);

    assert.deepEqual(known.map(([, code]) => code).sort(), withText);
    assert.deepEqual(
      constants.filter((one) => !known.includes(one)),
      [
        ['WSABASEERR', 10000],
        ['WSA_WSOCKET_TIMEOUT', 12001],
      ],
    );
    assert.equal(ics.WSAEISCONN, 10056);
    assert.equal(ics.WSATRY_AGAIN, 11002);
    assert.equal(ics.WSANO_DATA, 11004);
  });

  it('[WS-86] answer for what is no number', () => {
    for (const wrong of [undefined, null, NaN, '10061', {}, Symbol('x'), -1, 1e300]) {
      assert.equal(WSocketErrorDesc(wrong as number), UNKNOWN);
      assert.ok(GetWinsockErr(wrong as number).startsWith(`${UNKNOWN} (#`));
    }
  });
});
