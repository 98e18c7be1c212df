import { LoginError, type UserClaims } from "portcullis";
import { defineProvider } from "portcullis/provider";
import { z } from "zod";

const Acme = defineProvider({
	name: "acme",
	claims: z.object({ groups: z.array(z.string()).optional() }),
});
