/** Starts the page. */

import './style/page.css';
import './page/town-page';
