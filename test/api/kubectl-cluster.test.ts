/** what kubectl asks a server about itself. */
import { testTranscript } from './run-transcript.ts';

testTranscript('cluster');
