// An INI file whose changes are in the file at once (Delphi: TIniFile in System.IniFiles).
//
//  - As Windows does it, one pair of quotes around a value does not belong to the value.
import { TMemIniFile } from './TMemIniFile';

export class TIniFile extends TMemIniFile {
  /** The value without blanks and without one pair of quotes around it. */
  override ReadString(Section: string, Ident: string, Default = ''): string {
    if (!this.ValueExists(Section, Ident)) return Default;
    const value = super.ReadString(Section, Ident, Default);
    return /^(["']).*\1$/s.test(value) && value.length > 1 ? value.slice(1, -1) : value;
  }

  /** @internal */
  protected override changed(): void {
    super.changed();
    if (this.FileName !== '') this.UpdateFile();
  }
}
