import { Okta, portcullis } from "portcullis";

const kit = portcullis({ providers: [Okta] });
const isAdmin = kit.check(({ user }) => user.userinfo.groups?.includes("admins") === true);
