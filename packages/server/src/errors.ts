/** Everything that putting the process together can refuse. */
import { AffluxError } from '@afflux/kernel';

export type ServerErrorCode =
  /** The configuration file or an option is wrong. */
  | 'AFFLUX_SERVER_CONFIG_INVALID'
  /** A manifest path does not exist, or leads to too much. */
  | 'AFFLUX_SERVER_MANIFEST_PATH'
  /** An object given to `apply` is not acceptable. */
  | 'AFFLUX_SERVER_OBJECT_INVALID'
  /** The control port is taken, or the address is not of this machine. */
  | 'AFFLUX_SERVER_LISTEN'
  /** The call does not fit the state: `apply` after `close`, for example. */
  | 'AFFLUX_SERVER_STATE';

export class ServerError extends AffluxError<ServerErrorCode> {}
