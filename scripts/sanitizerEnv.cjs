// Loaded by Node under scripts/sanitize.sh: programs that hang with a sanitizer in front of their
// own libraries are started without it. The others inherit it, and Node in them.
'use strict';

const childProcess = require('node:child_process');
const path = require('node:path');
const process = require('node:process');

const ALONE = new Set(['curl', 'squid']);
const isAlone = (file) => ALONE.has(path.basename(file));

const { spawn } = childProcess.ChildProcess.prototype;
childProcess.ChildProcess.prototype.spawn = function (options) {
  if (isAlone(options.file))
    options.envPairs = options.envPairs.filter((pair) => !pair.startsWith('LD_PRELOAD='));
  return spawn.call(this, options);
};

for (const name of ['spawnSync', 'execFileSync']) {
  const original = childProcess[name];
  childProcess[name] = (file, args, options) => {
    if (!isAlone(file)) return original(file, args, options);
    const env = { ...(options?.env ?? process.env) };
    delete env.LD_PRELOAD;
    return original(file, args, { ...options, env });
  };
}
