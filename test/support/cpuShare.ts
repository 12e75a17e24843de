// How much of one processor this process needs while it should be idle.

/** 0 = idle, 1 = one processor fully busy, measured over `windowMs`. */
export async function cpuShare(windowMs: number): Promise<number> {
  const before = process.cpuUsage();
  const started = process.hrtime.bigint();
  await new Promise((resolve) => setTimeout(resolve, windowMs));
  const used = process.cpuUsage(before);
  const elapsedMicroseconds = Number(process.hrtime.bigint() - started) / 1000;
  return (used.user + used.system) / elapsedMicroseconds;
}
