const { AthenaClient, StartQueryExecutionCommand } = require("@aws-sdk/client-athena");

const athena = new AthenaClient({});

exports.handler = async () => {
  await athena.send(new StartQueryExecutionCommand({
    QueryString: "SELECT day, SUM(total) FROM sales GROUP BY day",
    WorkGroup: "primary",
    ResultConfiguration: { OutputLocation: `s3://${process.env.RESULTS}` },
  }));
  return { statusCode: 202 };
};
