/** `kubectl create`, `replace`, `patch`, `edit`, `label`, `annotate`, and what they refuse. */
import { testTranscript } from './run-transcript.ts';

testTranscript('write');
