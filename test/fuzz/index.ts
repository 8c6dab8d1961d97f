/** `npm run fuzz` */
import './xpath.js';
