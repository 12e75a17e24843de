// TX509List and the shared store of roots.

import assert from 'node:assert/strict';
import { rootCertificates } from 'node:tls';
import {
  ESslTX509Exception,
  IcsSslRootCAStore,
  TSslRootCAStore,
  TX509Base,
  TX509List,
  xsrtIssuedFirst,
  xsrtIssuerFirst,
} from '../../lib';
import { makeCA, makeCert, tempFile } from '../support/certificates';
import { raisedBy } from './raisedBy';

const root = makeCA({ cn: 'Root' });
const inter = makeCA({ ca: root, cn: 'Inter' });
const lower = makeCA({ ca: inter, cn: 'Lower' });
const leaf = makeCert({ ca: lower, names: ['leaf.test'] });
const stranger = makeCert({ cn: 'stranger' });

const namesIn = (list: TX509List): string[] => [...list].map((cert) => cert.SubjectCName);

function listOf(...certs: { pem: string }[]): TX509List {
  const list = new TX509List();
  list.LoadAllFromString(certs.map(({ pem }) => pem).join('some text\n'));
  return list;
}

describe('TX509List', () => {
  it('loads all certificates of PEM text in their order', () => {
    const list = listOf(root, inter, leaf);
    assert.equal(list.Count, 3);
    assert.deepEqual(namesIn(list), ['Root', 'Inter', 'leaf.test']);
    assert.equal(list.Items[1]?.SubjectCName, 'Inter');
    assert.equal(list.Items[3], undefined);
  });

  it('loads .pem and .cer and refuses other extensions', () => {
    for (const name of ['a.pem', 'a.CER'])
      assert.equal(new TX509List().LoadAllFromFile(tempFile(name, root.pem + leaf.pem)), 2);
    const file = tempFile('a.crt', root.pem);
    const error = raisedBy(() => new TX509List().LoadAllFromFile(file));
    assert.ok(error instanceof ESslTX509Exception);
    assert.equal(
      error.message,
      `Reading file of PEM certificates: Unknown bundle file extension - ${file}`,
    );
  });

  it('stays as it was when a certificate of the text is bad', () => {
    const list = listOf(root);
    const broken = leaf.pem.replace(/\n[^-]{8}/, '\nAAAAAAAA');
    const error = raisedBy(() => list.LoadAllFromString(inter.pem + broken));
    assert.match(error.message, /^Reading list of PEM certificates: Error Cert 2 - /);
    const errs = { Value: '' };
    assert.equal(list.LoadAllFromStringEx('nothing', errs), 0);
    assert.equal(errs.Value, 'No PEM Content Found');
    assert.deepEqual(namesIn(list), ['Root']);
  });

  it('finds certificates by fingerprint, certificate and subject', () => {
    const list = listOf(root, inter, leaf);
    const sha1 = inter.cert.fingerprint.replaceAll(':', '');
    assert.equal(list.Find(sha1)?.SubjectCName, 'Inter');
    assert.equal(list.Find(sha1.toLowerCase())?.SubjectCName, 'Inter');
    assert.equal(list.Find(leaf.cert)?.SubjectCName, 'leaf.test');
    assert.equal(list.FindDigest(Buffer.from(sha1, 'hex'))?.SubjectCName, 'Inter');
    assert.equal(list.Find(stranger.cert), null);
    assert.equal(list.Find(''), null);
    assert.equal(list.IndexOfSubj('/CN=leaf.test'), 2);
    assert.equal(list.IndexOfSubj('/CN=nobody'), -1);
    assert.equal(list.FindSubject('/CN=nobody'), null);
    assert.equal(list.FindSubject('/CN=Root')?.SubjectCName, 'Root');
  });

  it('sorts a chain from either end', () => {
    for (const certs of [
      [inter, leaf, root, stranger, lower],
      [leaf, lower, inter, root, stranger],
      [stranger, root, inter, lower, leaf],
    ]) {
      const list = listOf(...certs);
      const chain = (): string[] => namesIn(list).filter((name) => name !== 'stranger');
      list.SortChain(xsrtIssuedFirst);
      assert.deepEqual(chain(), ['leaf.test', 'Lower', 'Inter', 'Root']);
      list.SortChain(xsrtIssuerFirst);
      assert.deepEqual(chain(), ['Root', 'Inter', 'Lower', 'leaf.test']);
      assert.equal(list.Count, 5);
    }
  });

  it('describes its certificates', () => {
    const list = listOf(root, leaf);
    const [first, second] = [...list].map((cert) => cert.CertInfo(true));
    assert.equal(list.AllCertInfo(true), `#1 ${first}\r\n#2 ${second}`);
    assert.equal(list.AllCertInfo(true, true), `#2 ${second}\r\n#1 ${first}`);
    const lines = list.ListCerts().split('\r\n');
    assert.match(lines[0]!, /^#001 Root \(\), Expires: [\d-]{10}, Fingerprint: [\da-f]{64}$/);
    assert.match(lines[1]!, /^#002 leaf\.test \(\), Issuer: Lower, Expires: /);
    assert.equal(new TX509List().AllCertInfo() + new TX509List().ListCerts(), '');
  });

  it('frees what it owns when it leaves the list', () => {
    const list = new TX509List();
    const [a, b, c] = [list.Add(leaf.cert), list.Add(), list.Insert(0, root.cert)];
    assert.equal(list.IndexOf(c), 0);
    assert.equal(list.Remove(a), 1);
    assert.equal(list.Remove(a), -1);
    assert.equal(a.isDestroyed, true);
    assert.equal(list.Extract(b), b);
    assert.equal(b.isDestroyed, false);
    list.Clear();
    assert.equal(c.isDestroyed, true);
    assert.equal(c.SubjectCName, '');
    const borrowed = new TX509List(null, false);
    const kept = new TX509Base(null, leaf.cert);
    borrowed.AddItem(kept);
    borrowed.Free();
    assert.equal(kept.SubjectCName, 'leaf.test');
    assert.match(raisedBy(() => list.Delete(0)).message, /^List index out of bounds \(0\)$/);
  });
});

describe('IcsSslRootCAStore', () => {
  it('holds the roots of Node from the first look on', () => {
    const store = new TSslRootCAStore(null);
    assert.equal(store.InitFlag, false);
    assert.equal(store.Count, rootCertificates.length);
    assert.equal(store.InitFlag, true);
    assert.equal(store.CAStoreSource, `Node.js ${process.version}`);
    assert.equal(IcsSslRootCAStore.Count, store.Count);
    assert.ok([...store].every((cert) => cert.SubjectOneLine !== '' && cert.SelfSigned));
  });

  it('takes a bundle in their place, and one in addition', () => {
    const store = new TSslRootCAStore(null);
    store.DefRootFile = tempFile('def.pem', root.pem);
    store.ExtraRootFile = tempFile('extra.pem', stranger.pem);
    assert.deepEqual(namesIn(store), ['Root', 'stranger']);
    assert.equal(store.CAStoreSource, `${store.DefRootFile} + Extra`);
    store.ExtraRootFile = '';
    assert.equal(store.Count, 2);
    store.Reset();
    assert.equal(store.InitFlag, false);
    assert.deepEqual(namesIn(store), ['Root']);
  });

  it('says which bundle cannot be read, and tries again later', () => {
    const store = new TSslRootCAStore(null);
    store.DefRootFile = 'none.pem';
    const error = raisedBy(() => store.Count);
    assert.match(error.message, /File not found "none\.pem"/);
    assert.equal(store.InitFlag, false);
    store.DefRootFile = tempFile('def.pem', root.pem);
    assert.equal(store.Count, 1);
  });
});
