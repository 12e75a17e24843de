// examples/tcpSrv.ts, the sample that `npm start` runs, in conversation with a terminal user.

import assert from 'node:assert/strict';
import { Example, Terminal } from './exampleProcess';

describe('examples/tcpSrv', function () {
  this.timeout(60_000);

  let sample: Example;

  before(() => {
    sample = Example.start('tcpSrv', ['0']);
  });
  after(() => sample.stop());

  /** CliId of the newest client. */
  let last = 0;

  async function newUser(): Promise<Terminal> {
    const user = Terminal.connect(await sample.port());
    await user.waitText('Welcome to TcpSrv\r\n');
    await sample.waitText(`Client ${++last} connected from 127.0.0.1:`);
    return user;
  }

  it('welcomes a netcat user, says what can be typed and answers anything else', async () => {
    const user = await newUser();
    user.type('help\n');
    await user.waitText('help, who, time, binary [bytes], exit, exception\r\n');
    user.type('good morning\n');
    await user.waitText('You sent: good morning\r\n');
  });

  it('takes lines that end with CR LF, as telnet sends them, and commands in capitals', async () => {
    const user = await newUser();
    user.type('HELP\r\n');
    await user.waitText('Commands: help');
    user.type('héllo\r\n');
    await user.waitText(Buffer.from('You sent: héllo\r\n').toString('latin1'));
  });

  it('who lists every client with address, port and time; the list shrinks again', async () => {
    const user = await newUser();
    const first = last;
    const other = await newUser();
    const second = last;
    const entry = (id: number) => new RegExp(`\\n${id}: 127\\.0\\.0\\.1:\\d+ since .+\\r\\n`);
    user.type('who\n');
    await user.until(() => entry(second).test(user.text), 'entry of the other');
    assert.match(user.text, entry(first));
    other.type('exit\n');
    await sample.waitText(`Client ${second} disconnected`);
    const before = user.text.length;
    user.type('who\nend\n');
    await user.waitText('You sent: end');
    assert.match(user.text.slice(before), entry(first));
    assert.doesNotMatch(user.text.slice(before), entry(second));
  });

  it('time answers with the date and time of now', async () => {
    const user = await newUser();
    const before = Date.now() - 1000;
    user.type('time\n');
    await user.until(() => /\r\n.+GMT.+\r\n/.test(user.text), 'time');
    const answered = Date.parse(user.text.split('\r\n')[1]!);
    assert.ok(answered >= before && answered <= Date.now(), user.text);
  });

  it('binary sends exactly the bytes asked for, also more than one block', async () => {
    const user = await newUser();
    user.type('binary 1000000\n');
    const head = 'Here come 1000000 bytes\r\n';
    await user.waitText(head);
    const data = () => user.text.slice(user.text.indexOf(head) + head.length);
    await user.until(() => data().length >= 1_000_000, 'million bytes');
    user.type('hello\n');
    await user.waitText('You sent: hello\r\n');
    assert.match(data(), /^[a-z]{1000000}You sent: hello\r\n$/);
  });

  it('exit says goodbye, then the connection is closed', async () => {
    const user = await newUser();
    const id = last;
    user.type('exit\n');
    await user.waitText('Goodbye\r\n');
    await user.closed();
    await sample.waitText(`Client ${id} disconnected`);
  });

  it('exception is reported by OnBgException and the connection stays', async () => {
    const user = await newUser();
    user.type('exception\n');
    await user.waitText('Exception: raised on purpose; the connection stays\r\n');
    user.type('still here\n');
    await user.waitText('You sent: still here\r\n');
  });

  it('lets the user correct a line with backspace (LineEdit)', async () => {
    const user = await newUser();
    user.type('good mornimg\b\bng\n');
    await user.waitText('You sent: good morning\r\n');
  });

  it('drops a line that grows over 80 bytes and takes the next one', async () => {
    const user = await newUser();
    user.type('x'.repeat(81));
    await user.waitText('Line too long: 81 bytes\r\n');
    user.type('short\n');
    await user.waitText('You sent: short\r\n');
    assert.ok(!user.text.includes('x'), user.text);
  });
});
