import { Okta, portcullis } from "portcullis";

const auth = portcullis({ providers: [Okta] });
