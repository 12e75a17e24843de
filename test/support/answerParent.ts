// The side of a program that childServer.ts has started.

/** Answers each question of the parent with what `answer` returns; ends with the parent. */
export function answerParent(answer: (question: string) => unknown): void {
  process.on('message', (question) => {
    void Promise.resolve(answer(String(question))).then((reply) => process.send!(reply));
  });
  process.on('disconnect', () => process.exit());
}
