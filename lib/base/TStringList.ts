// The list of texts that programs create themselves (Delphi: TStringList in System.Classes).
import { TStrings } from './TStrings';

export class TStringList extends TStrings {
  /** Do IndexOf and Sort tell upper case from lower case? Default False. */
  CaseSensitive = false;

  protected override searchKey(S: string): string {
    return this.CaseSensitive ? S : super.searchKey(S);
  }
}
