// The direction of dependencies. A folder of lib may import what its line below names, and what
// those may import in turn; native/core knows neither JavaScript nor libuv, and system calls are
// made in native/core/sys.cc only.
import path from 'node:path';
import { filesIn, read, report } from './sourceFiles.mjs';

const mayImport = {
  types: ['errors'],
  errors: ['types'],
  native: ['types', 'errors'],
  base: ['types', 'errors'],
  pump: ['base'],
  ssl: ['base'],
  socket: ['pump', 'ssl'],
  hosts: ['ssl'],
  certs: ['ssl'],
  server: ['socket', 'hosts'],
  http: ['server'],
  ftp: ['server'],
  smtp: ['server'],
  websocket: ['server'],
  proxy: ['http'],
  node: ['server'],
  cli: ['certs', 'ftp', 'node', 'proxy', 'smtp', 'websocket'],
};
mayImport.index = Object.keys(mayImport).filter((layer) => layer !== 'native' && layer !== 'cli');
const usersOfNative = new Set(['pump', 'socket', 'server', 'native']);

function reachable(layer, seen = new Set()) {
  if (seen.has(layer)) return seen;
  seen.add(layer);
  for (const next of mayImport[layer] ?? []) reachable(next, seen);
  return seen;
}

const problems = [];
const layerOf = (file) => file.replace(/^lib\//, '').replace(/\/.*|\.ts$/g, '');

for (const file of filesIn('lib').filter((name) => name.endsWith('.ts'))) {
  const layer = layerOf(file);
  if (!(layer in mayImport)) problems.push(`${file}: check-layers.mjs knows no layer "${layer}"`);
  const imports = read(file).matchAll(/\b(?:from|import|require)\s*\(?\s*['"]([^'"]+)['"]/g);
  for (const [, name] of imports) {
    if (name === 'bindings' && layer !== 'native') {
      problems.push(`${file}: only lib/native.ts loads the addon`);
    }
    if (!name.startsWith('.')) continue;
    const target = layerOf(path.posix.join(path.posix.dirname(file), name));
    const isNative = target === 'native';
    const allowed = isNative ? usersOfNative.has(layer) : reachable(layer).has(target);
    if (!allowed) problems.push(`${file}: "${layer}" must not import "${target}" (${name})`);
  }
}

// Headers that declare system calls, and the files that need their types or constants.
const systemHeaders = {
  'sys/socket.h': ['address.h', 'address.cc', 'listener.cc', 'outgoing.cc', 'sockopt.cc'],
  'sys/epoll.h': ['pollerEpoll.cc'],
  'sys/eventfd.h': [],
  'sys/ioctl.h': [],
  'fcntl.h': [],
  'poll.h': [],
  'unistd.h': [],
};
const systemCalls =
  'accept4?|bind|close|connect|dup[23]?|epoll_\\w+|eventfd|fcntl|getpeername|getsockname|' +
  'getsockopt|ioctl|listen|poll|read|readv|recv|recvfrom|recvmsg|send|sendmsg|sendto|' +
  'setsockopt|shutdown|socket|write|writev';
const globalCall = new RegExp(`(?:^|[^\\w>:])::(${systemCalls})\\s*\\(`, 'gm');

for (const file of filesIn('native').filter((name) => /\.(h|cc)$/.test(name))) {
  const text = read(file);
  const inCore = file.startsWith('native/core/');
  const includes = [...text.matchAll(/^\s*#\s*include\s*[<"]([^>"]+)[>"]/gm)].map(([, n]) => n);
  for (const name of includes) {
    if (/^uv(\/|\.h$)/.test(name)) problems.push(`${file}: uv.h is in no header package`);
    if (inCore && /(^|\/)(napi|node_api|js_native_api)[\w.-]*\.h$|(^|\/)addon\//.test(name)) {
      problems.push(`${file}: native/core must not include ${name}`);
    }
    const exceptions = systemHeaders[name];
    const isExcepted = inCore && exceptions?.includes(path.posix.basename(file));
    if (exceptions && !isExcepted && file !== 'native/core/sys.cc') {
      problems.push(`${file}: ${name} is for native/core/sys.cc`);
    }
  }
  if (file === 'native/core/sys.cc') continue;
  const code = text.replace(/\/\/.*|"(?:[^"\\\n]|\\.)*"/g, '');
  for (const [, name] of code.matchAll(globalCall)) {
    problems.push(`${file}: system call ::${name}() outside native/core/sys.cc`);
  }
}
report(problems, 'check-layers: dependencies point in the right direction');
