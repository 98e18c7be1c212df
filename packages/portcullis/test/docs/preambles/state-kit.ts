import { Okta, portcullis } from "portcullis";
import { z } from "zod";

const kit = portcullis({ providers: [Okta] });
const { State, field, computed, event, check, topic, serverOnly } = kit;
const isAdmin = check(({ user }) => user.userinfo.groups?.includes("admins") === true);
