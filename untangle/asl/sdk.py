"""The services and actions that Step Functions calls through the AWS SDK, as `aws-sdk:<service>:<action>` spells them.

Services: their ids in small letters, as the SDKs of November 2026 and earlier ones have them. Actions: a table made from the
SDK's service models by scripts/sdk_actions.py, read when the first action is looked up.
"""

from __future__ import annotations

import gzip
import pkgutil
import re
from collections.abc import Mapping
from functools import cache

from untangle.asl.diagnostic import closest

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")
_INITIALS = re.compile(r"[A-Z]+(?=[A-Z])|[A-Z]")

_NAMES = """
accessanalyzer account accountaccess accountaccessruntime acm acmpca agentregistry agentregistrycontrol aiops alexaforbusiness
amp amplify amplifybackend amplifyuibuilder apigateway apigatewaymanagementapi apigatewayv2 appconfig appconfigdata appfabric
appflow appintegrations applicationautoscaling applicationcostprofiler applicationdiscovery applicationdiscoveryservice
applicationinsights applicationsignals appmesh apprunner appstream appsync apptest arcregionswitch arczonalshift artifact
athena auditmanager autoscaling autoscalingplans b2bi backup backupgateway backupsearch backupstorage batch bcmdashboards
bcmdataexports bcmpricingcalculator bcmrecommendedactions bedrock bedrockagent bedrockagentcore bedrockagentcorecontrol
bedrockagentruntime bedrockdataautomation bedrockdataautomationruntime bedrockruntime billing billingconductor braket budgets
chatbot chime chimesdkidentity chimesdkmediapipelines chimesdkmeetings chimesdkmessaging chimesdkvoice cleanrooms cleanroomsml
cloud9 cloudcontrol clouddirectory cloudformation cloudfront cloudfrontkeyvaluestore cloudhsm cloudhsmv2 cloudsearch
cloudsearchdomain cloudtrail cloudtraildata cloudwatch cloudwatchlogs cloudwatchomni codeartifact codebuild codecatalyst
codecommit codeconnections codedeploy codeguruprofiler codegurureviewer codegurusecurity codepipeline codestar
codestarconnections codestarnotifications cognitoidentity cognitoidentityprovider cognitosync comprehend comprehendmedical
computeoptimizer computeoptimizerautomation config configservice connect connectcampaigns connectcampaignsv2 connectcases
connectcontactlens connecthealth connectparticipant connectscheduling continuum controlcatalog controltower costandusagereport
costandusagereportservice costexplorer costoptimizationhub customerprofiles databasemigration databasemigrationservice
databrew dataexchange datapipeline datasync datazone dax deadline detective devicefarm devopsagent devopsguru directconnect
directory directoryservice directoryservicedata dlm docdb docdbelastic drs dsql dynamodb dynamodbstreams ebs ec2
ec2instanceconnect ecr ecrpublic ecs efs eks eksauth elasticache elasticbeanstalk elasticloadbalancing elasticloadbalancingv2
elasticsearch elasticsearchservice elastictranscoder elementalinference emr emrcontainers emrserverless endusermessaging
entityresolution eventbridge eventbridgev2 evidently evs finspace finspacedata firehose fis fms forecast forecastquery
frauddetector freetier fsx gamelift gameliftstreams gamesparks geomaps geoplaces georoutes glacier globalaccelerator glue
grafana greengrass greengrassv2 groundstation guardduty health healthlake honeycode iam iamtoolbox identitystore imagebuilder
importexport inspector inspector2 inspectorscan interconnect internetmonitor invoicing iot iot1clickdevices iot1clickprojects
iotanalytics iotdataplane iotdeviceadvisor iotevents iotfleethub iotfleetwise iotjobsdataplane iotmanagedintegrations
iotsecuretunneling iotsitewise iotthingsgraph iottwinmaker iotwireless ivs ivschat ivsrealtime kafka kafkaconnect kendra
kendraranking keyspaces keyspacesstreams kinesis kinesisanalytics kinesisanalyticsv2 kinesisvideo kinesisvideoarchivedmedia
kinesisvideomedia kinesisvideosignaling kinesisvideowebrtcstorage kms lakeformation lambda lambdacore lambdamicrovms lambdaweb
launchwizard lexmodelbuilding lexmodelbuildingservice lexmodelsv2 lexruntime lexruntimeservice lexruntimev2 licensemanager
licensemanagerlinuxsubscriptions licensemanagerusersubscriptions lightsail location lookoutequipment lookoutforvision
lookoutmetrics lookoutvision m2 machinelearning macie2 mailmanager managedblockchain managedblockchainquery
marketplaceagreement marketplacecatalog marketplacecommerceanalytics marketplacedeployment marketplacediscovery
marketplaceentitlement marketplaceentitlementservice marketplacemetering marketplacereporting mediaconnect mediaconvert
medialive mediapackage mediapackagev2 mediapackagevod mediastore mediastoredata mediatailor medicalimaging memorydb mgn
migrationhub migrationhubconfig migrationhuborchestrator migrationhubrefactorspaces migrationhubstrategy mpa mq mturk mwaa
mwaaserverless neptune neptunedata neptunegraph networkfirewall networkflowmonitor networkmanager networkmonitor
networksecuritymanager nimble notifications notificationscontacts novaact oam observabilityadmin odb omics opensearch
opensearchmemory opensearchserverless opsworks opsworkscm organizations osis outposts panorama partnercentralaccount
partnercentralbenefits partnercentralchannel partnercentralrevenuemeasurement partnercentralselling paymentcryptography
paymentcryptographydata pcaconnectorad pcaconnectorscep pcs personalize personalizeevents personalizeruntime pi pinpoint
pinpointemail pinpointsmsvoice pinpointsmsvoicev2 pipes polly pricing pricingplanmanager privatenetworks proton qapps
qbusiness qconnect qldb qldbsession quicksight ram rbin rds rdsdata redshift redshiftdata redshiftserverless rekognition
repostspace resiliencehub resiliencehubv2 resourceexplorer2 resourcegroups resourcegroupstaggingapi robomaker rolesanywhere
route53 route53domains route53globalresolver route53profiles route53recoverycluster route53recoverycontrolconfig
route53recoveryreadiness route53resolver rtbfabric rum s3 s3control s3files s3outposts s3tables s3vectors sagemaker
sagemakera2iruntime sagemakeredge sagemakerfeaturestoreruntime sagemakergeospatial sagemakerinferencerouterruntime
sagemakerjobruntime sagemakermetrics sagemakerruntime sagemakertrainingsessionruntime savingsplans scheduler schemas
secretsmanager securityagent securityhub securityir securitylake serverlessapplicationrepository servicecatalog
servicecatalogappregistry servicediscovery servicequotas ses sesv2 sfn shield signer signerdata signin simpledb simpledbv2 sms
snowball snowdevicemanagement sns socialmessaging sqs ssm ssmcontacts ssmguiconnect ssmincidents ssmquicksetup ssmsap sso
ssoadmin ssooidc storagegateway sts supplychain support supportapp supportauthz sustainability swf synthetics taxsettings
textract timestreaminfluxdb timestreamquery timestreamwrite transcribe transfer translate trustedadvisor uxc
verifiedpermissions voiceid vpclattice waf wafregional wafv2 wellarchitected wickr wisdom workdocs worklink workmail
workmailmessageflow workspaces workspacesinstances workspacesthinclient workspacesweb xray
"""
SDK = frozenset(_NAMES.split())

# What the command line and ARNs call services whose id is another.
_OTHERWISE: Mapping[str, str] = {
    "stepfunctions": "sfn",
    "states": "sfn",
    "logs": "cloudwatchlogs",
    "events": "eventbridge",
    "monitoring": "cloudwatch",
    "cognitoidp": "cognitoidentityprovider",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancingv2",
    "ce": "costexplorer",
    "dms": "databasemigration",
    "deploy": "codedeploy",
    "elasticmapreduce": "emr",
    "rdsdataservice": "rdsdata",
}


def meant(service: str) -> str | None:
    """The service that a name which is no id most likely means; None where that cannot be told."""
    name = service_id(service)
    return name if name in SDK else _OTHERWISE.get(name) or closest(name, SDK)


def service_id(name: str) -> str:
    """The id of a service as integrations spell it: `CloudWatch Logs` is `cloudwatchlogs`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@cache
def read_actions() -> Mapping[str, tuple[str, ...]]:
    """The actions of every service whose model is known, as the services name them: `{"s3": ("AbortMultipartUpload", …)}`."""
    data = pkgutil.get_data("untangle.asl", "actions.txt.gz") or b""
    rows = (line.split() for line in gzip.decompress(data).decode().splitlines())
    return {service: tuple(actions) for service, *actions in rows}


@cache
def actions_of(service: str) -> Mapping[str, frozenset[str]]:
    """Each action of a service as it is written in a definition, with all spellings that mean it; {} where no model is known.

    Services name their actions in capitals; definitions begin with a small letter, and SDKs differ in what they make of
    initials (`CreateDBInstance`: createDBInstance, createDbInstance).
    """
    table = read_actions()
    names = table.get(service) or table.get(f"{service}service") or ()
    return {name[:1].lower() + name[1:]: _spellings(name) for name in names}


def _spellings(name: str) -> frozenset[str]:
    initials = _INITIALS.match(name)
    whole = initials[0].lower() + name[len(initials[0]) :] if initials else name
    words = "".join(word.capitalize() for word in _WORD.findall(name))
    return frozenset((name[:1].lower() + name[1:], whole, words[:1].lower() + words[1:]))
