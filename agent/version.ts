/** Version of this agent, as it tells the hub and answers `/health`. A test keeps it equal to `package.json`. */
export const agentVersion = "0.1.0";
