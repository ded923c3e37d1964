// The page of the local Slack. The server renders; this puts what it sends in place, and tells it
// what a person does.

import './acting.js';
import './composer.js';
import './earlier.js';
import './side.js';
import {showMoments} from './fields.js';
import {enter} from './going.js';

showMoments(document);
enter();
