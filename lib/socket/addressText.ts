// The core names an end of a connection as one text, `<address> <port>`; these take it apart.
// Both answer '' for '' (unknown).

export function addressPart(text: string): string {
  return text.slice(0, Math.max(text.indexOf(' '), 0));
}

export function portPart(text: string): string {
  return text.slice(text.indexOf(' ') + 1);
}
