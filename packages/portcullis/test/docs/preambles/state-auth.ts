import { Okta, portcullis } from "portcullis";
import { z } from "zod";

const auth = portcullis({ providers: [Okta] });
const { State, field, computed, event, check, topic, serverOnly } = auth;
const isAdmin = check(({ user }) => user.claims.groups?.includes("admins") === true);
