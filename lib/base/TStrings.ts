export class TStringList {
  #l: string[] = [];
  Add(s: string): number {
    return this.#l.push(s) - 1;
  }
  get Count(): number {
    return this.#l.length;
  }
  get Strings(): readonly string[] {
    return this.#l;
  }
  Clear(): void {
    this.#l.length = 0;
  }
}
