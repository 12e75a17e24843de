// Messages a socket posts to itself or to its server, below WM_USER. Ported code may post
// WM_TRIGGER_EXCEPTION: ICS has it as a test hook for background exceptions.

export const WM_ICS_CLOSE_DELAYED = 0x0301;
export const WM_TRIGGER_EXCEPTION = 0x0302;
export const WM_TRIGGER_DATA_AVAILABLE = 0x0303;
export const WM_ICS_DATA_SENT = 0x0304;
export const WM_ICS_CLIENT_CLOSED = 0x0305;
/** Between TWSocketThrdServer and its workers. */
export const WM_ICS_THREAD = 0x0306;
