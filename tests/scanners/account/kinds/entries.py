"""What starts a function from outside: gateways, mail, devices, users, alarms, logs, brokers and the rest."""

from __future__ import annotations

from tests.scanners.account.kinds.case import Case

_TOPIC = """
Told: {Type: AWS::SNS::Topic, Properties: {TopicName: KIND-told}}
Listen: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Told, Protocol: lambda, Endpoint: !GetAtt Tell.Arn}}
"""
_URI = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${NAME.Arn}/invocations"
_ALARM = "MetricName: m, Namespace: n, Period: 60, EvaluationPeriods: 1, Threshold: 1, Statistic: Sum"

ENTRIES: tuple[Case, ...] = (
    Case(
        kind="rest-api",
        hops="""
        apigateway -> serve
        apigateway -> check
        sqs -> take
        """,
        functions={"serve": "", "check": "", "take": ""},
        resources=f"""
        Api: {{Type: AWS::ApiGateway::RestApi, Properties: {{Name: KIND-api}}}}
        Check:
          Type: AWS::ApiGateway::Authorizer
          Properties: {{RestApiId: !Ref Api, Name: own, Type: TOKEN, AuthorizerUri: !Sub "{_URI.replace("NAME", "CheckFn")}"}}
        Path:
          Type: AWS::ApiGateway::Resource
          Properties: {{RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: orders}}
        Get:
          Type: AWS::ApiGateway::Method
          Properties:
            RestApiId: !Ref Api
            ResourceId: !Ref Path
            HttpMethod: GET
            AuthorizationType: NONE
            Integration: {{Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: !Sub "{_URI.replace("NAME", "Serve")}"}}
        Post:
          Type: AWS::ApiGateway::Method
          Properties:
            RestApiId: !Ref Api
            ResourceId: !Ref Path
            HttpMethod: POST
            AuthorizationType: NONE
            Integration:
              Type: AWS
              IntegrationHttpMethod: POST
              Uri: !Sub "arn:aws:apigateway:${{AWS::Region}}:sqs:path/${{AWS::AccountId}}/KIND-orders"
              RequestTemplates: {{application/json: "Action=SendMessage&MessageBody=$input.body"}}
        Orders: {{Type: AWS::SQS::Queue, Properties: {{QueueName: KIND-orders}}}}
        Poll:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {{FunctionName: !Ref Take, EventSourceArn: !GetAtt Orders.Arn}}
        """.replace("Check:\n", "Authorizer:\n").replace("CheckFn", "Check"),
    ),
    Case(
        kind="http-api",
        hops="""
        apigateway -> serve
        """,
        functions={"serve": ""},
        resources="""
        Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: KIND-api, ProtocolType: HTTP}}
        Call:
          Type: AWS::ApiGatewayV2::Integration
          Properties:
            ApiId: !Ref Api
            IntegrationType: AWS_PROXY
            IntegrationUri: !GetAtt Serve.Arn
            PayloadFormatVersion: "2.0"
        Route:
          Type: AWS::ApiGatewayV2::Route
          Properties: {ApiId: !Ref Api, RouteKey: POST /orders, Target: !Sub "integrations/${Call}"}
        """,
    ),
    Case(
        kind="web-socket",
        hops="apigateway -> serve",
        functions={"serve": ""},
        resources=f"""
        Api:
          Type: AWS::ApiGatewayV2::Api
          Properties: {{Name: KIND-api, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}}
        Call:
          Type: AWS::ApiGatewayV2::Integration
          Properties: {{ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !Sub "{_URI.replace("NAME", "Serve")}"}}
        Route:
          Type: AWS::ApiGatewayV2::Route
          Properties: {{ApiId: !Ref Api, RouteKey: $default, Target: !Sub "integrations/${{Call}}"}}
        """,
    ),
    Case(
        kind="function-url",
        hops="function_url -> serve",
        functions={"serve": ""},
        resources="Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Serve.Arn, AuthType: AWS_IAM}}",
        faked="the list of function URLs",
    ),
    Case(
        kind="alb",
        hops="alb -> serve",
        functions={"serve": ""},
        resources="""
        Web:
          Type: AWS::ElasticLoadBalancingV2::TargetGroup
          Properties: {Name: KIND-web, TargetType: lambda, Targets: [{Id: !GetAtt Serve.Arn}]}
        """,
    ),
    Case(
        kind="appsync",
        hops="""
        appsync -> resolve
        appsync -> check
        """,
        functions={"resolve": "", "check": ""},
        resources="""
        Api:
          Type: AWS::AppSync::GraphQLApi
          Properties:
            Name: KIND-api
            AuthenticationType: AWS_LAMBDA
            LambdaAuthorizerConfig: {AuthorizerUri: !GetAtt Check.Arn}
        Source:
          Type: AWS::AppSync::DataSource
          Properties:
            ApiId: !GetAtt Api.ApiId
            Name: items
            Type: AWS_LAMBDA
            LambdaConfig: {LambdaFunctionArn: !GetAtt Resolve.Arn}
        """,
        faked="the data sources of an API",
    ),
    Case(
        kind="cognito",
        hops="cognito -> sign-up",
        functions={"sign-up": ""},
        resources="""
        Pool:
          Type: AWS::Cognito::UserPool
          Properties: {UserPoolName: KIND-people, LambdaConfig: {PreSignUp: !GetAtt SignUp.Arn}}
        """,
    ),
    Case(
        kind="ses",
        hops="""
        ses -> on-mail
        sns -> tell
        """,
        functions={"on-mail": "", "tell": ""},
        resources=_TOPIC
        + """
Set: {Type: AWS::SES::ReceiptRuleSet, Properties: {RuleSetName: KIND-mail}}
Rule:
  Type: AWS::SES::ReceiptRule
  Properties:
    RuleSetName: !Ref Set
    Rule: {Name: all, Enabled: true, Actions: [{LambdaAction: {FunctionArn: !GetAtt OnMail.Arn}}]}
Sent: {Type: AWS::SES::ConfigurationSet, Properties: {Name: KIND-sent}}
Bounced:
  Type: AWS::SES::ConfigurationSetEventDestination
  Properties:
    ConfigurationSetName: !Ref Sent
    EventDestination:
      Name: bounced
      Enabled: true
      MatchingEventTypes: [bounce]
      SnsDestination: {TopicARN: !Ref Told}
""",
        faked="the event destinations of a configuration set",
    ),
    Case(
        kind="alarm",
        hops="""
        alarm -> on-alarm
        sns -> tell
        """,
        functions={"on-alarm": "", "tell": ""},
        resources=_TOPIC
        + f"""
High:
  Type: AWS::CloudWatch::Alarm
  Properties:
    {{AlarmName: KIND-high, {_ALARM}, ComparisonOperator: GreaterThanThreshold, AlarmActions: [!GetAtt OnAlarm.Arn]}}
Low:
  Type: AWS::CloudWatch::Alarm
  Properties:
    {{AlarmName: KIND-low, {_ALARM}, ComparisonOperator: GreaterThanThreshold, OKActions: [!Ref Told]}}
""",
    ),
    Case(
        kind="logs",
        hops="logs -> on-line",
        functions={"on-line": ""},
        resources="""
        Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /KIND/web}}
        May:
          Type: AWS::Lambda::Permission
          Properties:
            FunctionName: !Ref OnLine
            Action: lambda:InvokeFunction
            Principal: logs.amazonaws.com
            SourceArn: !GetAtt Group.Arn
        Lines:
          Type: AWS::Logs::SubscriptionFilter
          Properties: {LogGroupName: !Ref Group, FilterPattern: ERROR, DestinationArn: !GetAtt OnLine.Arn}
        """,
    ),
    Case(
        kind="msk",
        hops="msk -> take",
        functions={"take": ""},
        resources="""
        Cluster:
          Type: AWS::MSK::Cluster
          Properties:
            ClusterName: KIND-stock
            KafkaVersion: 3.6.0
            NumberOfBrokerNodes: 1
            BrokerNodeGroupInfo: {ClientSubnets: [subnet-1], InstanceType: kafka.m5.large}
        Poll:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {FunctionName: !Ref Take, EventSourceArn: !Ref Cluster, Topics: [stock], StartingPosition: LATEST}
        """,
        faked="event source mappings of MSK",
    ),
    Case(
        kind="kafka",
        hops="msk -> take",
        functions={"take": ""},
        resources="""
        Poll:
          Type: AWS::Lambda::EventSourceMapping
          Properties:
            FunctionName: !Ref Take
            SelfManagedEventSource: {Endpoints: {KafkaBootstrapServers: ["kafka.example.com:9092"]}}
            Topics: [stock]
            StartingPosition: LATEST
        """,
        faked="event source mappings of a Kafka of one's own",
    ),
    Case(
        kind="mq",
        hops="mq -> take",
        functions={"take": ""},
        resources="""
        Broker:
          Type: AWS::AmazonMQ::Broker
          Properties:
            BrokerName: KIND-post
            EngineType: RABBITMQ
            EngineVersion: "3.13"
            HostInstanceType: mq.m5.large
            PubliclyAccessible: false
            DeploymentMode: SINGLE_INSTANCE
            Users: [{Username: user, Password: not-so-secret}]
        Poll:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {FunctionName: !Ref Take, EventSourceArn: !GetAtt Broker.Arn, Queues: [post]}
        """,
        faked="event source mappings of MQ",
    ),
    Case(
        kind="documentdb",
        hops="documentdb -> take",
        functions={"take": ""},
        resources="""
        Documents: {Type: AWS::DocDB::DBCluster, Properties: {DBClusterIdentifier: KIND-documents}}
        Poll:
          Type: AWS::Lambda::EventSourceMapping
          Properties:
            FunctionName: !Ref Take
            EventSourceArn: !Sub "arn:aws:rds:${AWS::Region}:${AWS::AccountId}:cluster:${Documents}"
            StartingPosition: LATEST
            DocumentDBEventSourceConfig: {DatabaseName: shop, CollectionName: orders}
        """,
        faked="event source mappings of DocumentDB",
    ),
    Case(
        kind="other-account",
        hops="sqs -> take",
        functions={"take": ""},
        resources="""
        Poll:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {FunctionName: !Ref Take, EventSourceArn: !Sub "arn:aws:sqs:${AWS::Region}:999999999999:theirs"}
        """,
        faked="an event source mapping of another account's queue",
    ),
    Case(
        kind="rotation",
        hops="secretsmanager -> rotate",
        functions={"rotate": ""},
        resources="""
        Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: KIND-word}}
        Rotation:
          Type: AWS::SecretsManager::RotationSchedule
          Properties: {SecretId: !Ref Secret, RotationLambdaARN: !GetAtt Rotate.Arn}
        """,
        faked="rotations, for which moto would run the function",
    ),
    Case(
        kind="config-rule",
        hops="config_rule -> comply",
        functions={"comply": ""},
        resources="""
        Rule:
          Type: AWS::Config::ConfigRule
          Properties:
            ConfigRuleName: KIND-tagged
            Source: {Owner: CUSTOM_LAMBDA, SourceIdentifier: !GetAtt Comply.Arn}
        """,
        faked="Config rules with a function",
    ),
    Case(
        kind="object-lambda",
        hops="s3_object_lambda -> change",
        functions={"change": ""},
        resources="""
        Point:
          Type: AWS::S3ObjectLambda::AccessPoint
          Properties:
            Name: KIND-point
            ObjectLambdaConfiguration:
              SupportingAccessPoint: all
              TransformationConfigurations:
                - Actions: [GetObject]
                  ContentTransformation: {AwsLambda: {FunctionArn: !GetAtt Change.Arn}}
        """,
        faked="access points of S3 Object Lambda",
    ),
)
