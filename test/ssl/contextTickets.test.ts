// Which sessions may be resumed with which context.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as S from '../../lib/ssl/sslTypes';
import { TSslContext } from '../../lib/ssl/TSslContext';
import { track } from '../support';
import { makeCA, makeCert } from '../support/certificates';
import { openssl, serve, session, useFiles } from './sessions';

const CERT = makeCert();
const CA = makeCA();

function context(change: Partial<TSslContext> = {}): TSslContext {
  const made = track(new TSslContext());
  useFiles(made, CERT);
  Object.assign(made, change);
  made.InitContext();
  return made;
}

/** Is a session begun with one context resumed by the other? */
async function resumes(first: TSslContext, second: TSslContext): Promise<boolean> {
  const answers: boolean[] = [];
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { ticket, socket } = await session(await serve(first), { maxVersion });
    assert.equal(socket.isSessionReused(), false);
    const again = await session(await serve(second), { maxVersion, session: await ticket });
    answers.push(again.socket.isSessionReused());
  }
  assert.equal(answers[0], answers[1], 'both versions alike');
  return answers[0]!;
}

const verifying = (...modes: S.TSslVerifyPeerMode[]): Partial<TSslContext> => ({
  SslVerifyPeer: true,
  SslVerifyPeerModes: new Set(modes),
});

describe('A session', () => {
  it('is resumed by its context, also after InitContext', async () => {
    const made = context();
    assert.equal(await resumes(made, made), true);
    const { ticket } = await session(await serve(made));
    made.InitContext();
    const again = await session(await serve(made), { session: await ticket });
    assert.equal(again.socket.isSessionReused(), true);
  });

  it('is not resumed after DeInitContext or by another context', async () => {
    const made = context();
    assert.equal(await resumes(made, context()), false);
    const { ticket } = await session(await serve(made));
    made.DeInitContext();
    made.InitContext();
    const again = await session(await serve(made), { session: await ticket });
    assert.equal(again.socket.isSessionReused(), false);
  });

  it('is resumed by contexts with the same SslTicketKeys', async () => {
    const SslTicketKeys = randomBytes(48);
    const [one, other] = [context({ SslTicketKeys }), context({ SslTicketKeys })];
    const keys = Buffer.from(SslTicketKeys);
    SslTicketKeys.fill(0);
    assert.deepEqual(one.SslTicketKeys, keys, 'the bytes are copied');
    assert.equal(await resumes(one, other), true);
    other.SslTicketKeys = randomBytes(48);
    other.InitContext();
    assert.equal(await resumes(one, other), false);
  });

  it('is resumed under the same SslDefaultSessionIDContext only', async () => {
    const keys = { SslTicketKeys: randomBytes(48) };
    const named = (SslDefaultSessionIDContext: string): TSslContext =>
      context({ ...keys, SslDefaultSessionIDContext });
    assert.equal(await resumes(named('a'), named('a')), true);
    assert.equal(await resumes(named('a'), named('b')), false);
  });

  it('begun without a certificate is not resumed where one is verified', async () => {
    const keys = { SslTicketKeys: randomBytes(48) };
    const { SslVerifyMode_PEER: peer } = S.TSslVerifyPeerMode;
    const asking = context({ ...keys, ...verifying(peer) });
    assert.equal(await resumes(context(keys), asking), false);
    assert.equal(await resumes(asking, context({ ...keys, ...verifying(peer) })), true);
    const trusting = track(new TSslContext());
    trusting.SslCALines.Text = CA.pem;
    useFiles(trusting, CERT);
    Object.assign(trusting, { ...keys, ...verifying(peer) });
    trusting.InitContext();
    assert.equal(await resumes(asking, trusting), false);
  });

  it('has no ticket with sslOpt2_NO_TICKET', async () => {
    const made = context({ SslOptions2: new Set([S.sslOpt2_NO_TICKET]) });
    const { socket } = await session(await serve(made), { maxVersion: 'TLSv1.2' });
    assert.equal(socket.getTLSTicket(), undefined);
  });

  it('ends after SslSessionTimeout seconds', async () => {
    const port = await serve(context({ SslSessionTimeout: 77 }));
    const output = await openssl('s_client', '-connect', `127.0.0.1:${port}`, '-tls1_2');
    assert.match(output, /lifetime hint: 77 \(seconds\)/);
    for (const SslSessionTimeout of [-5, 0.5, 1e12, NaN])
      assert.ok(context({ SslSessionTimeout }).IsCtxInitialized, String(SslSessionTimeout));
  });
});
