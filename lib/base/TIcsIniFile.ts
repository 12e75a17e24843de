// The INI file class ICS programs create (ICS: TIcsIniFile in OverbyteIcsIniFiles.pas).
import { TMemIniFile } from './TMemIniFile';

export class TIcsIniFile extends TMemIniFile {}
