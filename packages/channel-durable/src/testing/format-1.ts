/**
 * A data file as the first version wrote it (compressed), with pages of 4 KiB and numbers in the order of most
 * machines: the channel `published` with the events `1` to `5`, all of which its subscription `reader` still has to do.
 */
import { gunzipSync } from 'node:zlib';

const COMPRESSED = [
  'H4sIAAAAAAACA+3dP2wTVxzA8Xf+h7GdO0sglQmhm1ALru0kkGTBbZcurdqNoVW5xC/Erf/VPkeiUZaqMxsdOqF2qaoOFWJE',
  'iKGMXTp0QaqYGQoDEmNrn+8dd+cLzjmEmvD9JLoXP9+7F1tefr7f7z0hwrLO8e97j+8mJp4rOr/Zmub1aKEz1JhCoHfv8zNu',
  'm34+Q2D8o+KDPwQAAAAAADgQ7ZDi/2zM+D8Riv8XiP8BAAAAAHhpEqF4e9RTEE29qb9tfGk80n8xftV5lwAAAAAAL0PZiTqz',
  'om61rKuyvu9x/7rG49OiL2U79mBv9qa0bdnrzzh7Vsi23WtINX7vO94q010PvPpjQm4Pr7D/4QvBdy8tWtK2po5Wt9uPqY6k',
  '2+Z98X9G3NG/M84Yd4j8AQAAAABz7FPnmHse/yY/++H0P0L78Z2Hz74YPixpo+7TqXy/Kze2hzF/o9MWyUqpnGjUhbaY6XcG',
  'vQ0pEu92U/a1rhSaLeqDnrXelOe7vU5n8/xiaXKOxP2vV37b7xzV6XNUI+bQHlx6/O14js+nzlGZPkelJFKR8f8t4y/jd+OW',
  'wWcJAAAAAIB55HxbML6pn5zoSUz0aCqdoOCL/8n/BwAAAAAchjcr/z/lj9RF7Px/NTwTfPdi5v/nwx3++D8rLrv5/5eJ/QEA',
  'AAAAM5nIaU/9dL/1bJzTfkVMy2lfmp7TvlQi/z9G/r9aCCC4/t/tYfz/vZEz/jRu6ytUAQAAAAAA5sqHzjEtRkkAWu3UuPPS',
  'k3FbO+m21z5x2ve/Me8a20Xv+T2dca86yktIeldp3os+e805Hhd9N2hP7piNurlm9qRVlz3znNm01mXT37Ex/MuW9Y/65lrl',
  '4uqF8mJ1aXVxqVzedffQ08THalb3fzkhNj7Ystpt2RSiO1hvNvpbsr5jtget9eEV1yrnzK9k1x5dsLq8Wi07dt07/JrY3DE3',
  'O72WZQ/P3PX26fPH/ymxZfxsbA1/zhL7AwAAAACOhLJzzE4kyr/q8Sr+TodalZ+vqgVU4n4hNL4QGnfcbdX6/qpsQAX0xdB5',
  '/vX/qP8HAAAAABxWDP7m1P+HI/KY9f/JUDtb/b93Xz8X+j5h/Fpuuuv/3+T+PwAAAAAA/zvfSv6piZ59rf+fj4j/qf8HAAAA',
  'AMyzYP2/WzPv1f+7Ge81u+a04/p/Ebf+X13l6h5nv271/4WI+J/6fwAAAADAUXXWOcav41f19wcdP2v9vhqfD413b/V76/uH',
  '1/nTQ4/96//lxNMFtf/f0wU+GwAAAABw1EzsN5d++NaN98b7zY1Ky1+839zy9P3mlkvs/zdn+//pkfH/da/+/zoZAAAAAAAA',
  'vFK+uv30RM+M9f8qvA+u/0/9PwAAAABgfgXr/90Mea/+382Ar7WvOK1T/z94Erf+X13FqkWf/brV/xcj4n9V/79idIn9AQAA',
  'AACIELce/6D1+2p8LjQ+/DgTivPVen//Ab/PMN0AEAEA',
].join('');

export function formatOneFile(): Buffer {
  return gunzipSync(Buffer.from(COMPRESSED, 'base64'));
}
