// WSocketResolvePort: a port as text, number or service name.
import assert from 'node:assert/strict';
import { WSocketResolvePort } from '../../lib';

describe('WSocketResolvePort', () => {
  it('[WS-90] knows the number of a service', () => {
    assert.equal(WSocketResolvePort('http', 'tcp'), 80);
    assert.equal(WSocketResolvePort('8080', 'tcp'), 8080);
  });

  it("[WS-90] raises for ''", () => {
    assert.throws(() => WSocketResolvePort('', 'tcp'), {
      message: 'Winsock Resolve Port: Invalid Port.',
    });
  });

  it('[WS-90] raises for a service nobody knows', () => {
    assert.throws(
      () => WSocketResolvePort('no-such-service', 'tcp'),
      /^ESocketException: Winsock Resolve Port: Cannot convert port 'no-such-service' - /,
    );
  });
});
