exports.handler = async (event) => {
  const { bucket, object } = event.Records[0].s3;
  console.log("sales are in", bucket.name, object.key);
};
