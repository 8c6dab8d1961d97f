import { openStore } from '../../src/store/index.js';
import { storeContract } from '../contract/store.js';

storeContract('memory', (_place, options) => openStore('memory:', options), { durable: false, onlineBackup: false, exclusive: false });
