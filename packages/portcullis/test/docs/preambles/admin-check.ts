import { Okta, portcullis } from "portcullis";

const auth = portcullis({ providers: [Okta] });
const isAdmin = auth.check(({ user }) => user.claims.groups?.includes("admins") === true);
