/** kn as it is, where there is one; what it asks for is tested without it in `kn.test.ts`. */
import { testTranscript } from './run-transcript.ts';

testTranscript('kn', 'kn');
