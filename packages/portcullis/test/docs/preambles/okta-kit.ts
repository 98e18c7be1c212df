import { Okta, portcullis } from "portcullis";

const kit = portcullis({ providers: [Okta] });
