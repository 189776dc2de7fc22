export { damage } from './damage.ts';
export { SmallDisk } from './small-disk.ts';
