import { testChannel } from '../testkit/index.ts';
import { fileSubject } from './file-subject.ts';

testChannel({
  name: 'file',
  ...fileSubject,
  capabilities: {
    durable: true,
    order: 'total',
    replayable: false,
    competingConsumers: false,
    delayed: true,
    deadLetters: false,
    deduplicates: false,
  },
  killable: {
    url: new URL('../../dist/testing/file-subject.js', import.meta.url),
    export: 'fileSubject',
  },
  manySubscriptions: 1_000,
});
