import { portcullis } from "portcullis";
import { document, errorView, html, loginView, trustedHtml } from "portcullis/views";

const auth = portcullis();
